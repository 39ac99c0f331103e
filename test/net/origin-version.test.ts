import assert from 'node:assert/strict';
import { nearTag, neededTag, tagOfVersion, tagPrefix, versionsOfTags } from '../../server/src/engine/origin-version.ts';

describe('the tags of a module', () => {
  const prefixes: [path: string, root: string, subdirectory: string, prefix: string | undefined][] = [
    ['github.com/a/b', 'github.com/a/b', '', ''],
    ['github.com/a/b/v2', 'github.com/a/b', '', ''],
    ['github.com/a/b/sub', 'github.com/a/b', '', 'sub/'],
    ['github.com/a/b/sub/v3', 'github.com/a/b', '', 'sub/'],
    ['github.com/a/b/sub/deep', 'github.com/a/b', '', 'sub/deep/'],
    ['nanomsg.org/go/mangos/v2', 'nanomsg.org/go/mangos/v2', '', ''],
    ['gopkg.in/yaml.v3', 'gopkg.in/yaml.v3', '', ''],
    ['example.com/m', 'example.com/m', 'go/src', 'go/src/'],
    ['example.com/m/x/v2', 'example.com/m', 'go', 'go/x/'],
    ['github.com/a/bc', 'github.com/a/b', '', undefined],
    ['github.com/a/b/v1', 'github.com/a/b', '', undefined],
    ['example.com/m', 'example.com/m/deeper', '', undefined],
  ];
  for (const [path, root, subdirectory, prefix] of prefixes) {
    it(`${path} in ${root} ${subdirectory}: ${prefix}`, () => {
      assert.equal(tagPrefix(path, root, subdirectory), prefix);
    });
  }

  const tags = [
    'v0.1.0', 'v1.0.0', 'v1.10.0', 'v1.2.0', 'v1.2.0-rc.1', 'v2.0.0', 'v2.1.0', 'v3.0.0+incompatible', 'v1.3', '1.4.0', 'V1.5.0', 'v01.6.0',
    'v1.7.0+meta', 'v1.8.0.1', 'release-1.9.0', 'v0.0.0-20200101000000-abcdefabcdef', 'sub/v0.1.0', 'sub/v2.0.0', 'sub/v1', 'nightly', '',
  ];
  const lists: [path: string, versions: string[]][] = [
    ['github.com/a/b', ['v0.1.0', 'v1.0.0', 'v1.2.0-rc.1', 'v1.2.0', 'v1.10.0']],
    ['github.com/a/b/v2', ['v2.0.0', 'v2.1.0']],
    ['github.com/a/b/v4', []],
    ['github.com/a/b/sub', ['v0.1.0']],
    ['github.com/a/b/sub/v2', ['v2.0.0']],
    ['github.com/a/other', []],
  ];
  for (const [path, versions] of lists) {
    it(`${path} has the versions ${versions.join(' ')}`, () => {
      assert.deepEqual(versionsOfTags(path, 'github.com/a/b', tags), versions);
    });
  }

  it("gopkg.in's unstable modules have no tags", () => {
    assert.deepEqual(versionsOfTags('gopkg.in/x.v2-unstable', 'gopkg.in/x.v2-unstable', ['v2.0.0']), []);
    assert.equal(neededTag('gopkg.in/x.v2-unstable', 'gopkg.in/x.v2-unstable', 'v2.0.0'), undefined);
    assert.deepEqual(versionsOfTags('gopkg.in/x.v2', 'gopkg.in/x.v2', ['v1.0.0', 'v2.0.0']), ['v2.0.0']);
  });

  const versions: [path: string, version: string, tag: string | undefined][] = [
    ['github.com/a/b', 'v1.2.3', 'v1.2.3'],
    ['github.com/a/b', 'v2.0.0+incompatible', 'v2.0.0'],
    ['github.com/a/b/sub/v2', 'v2.0.0-rc.1', 'sub/v2.0.0-rc.1'],
    ['github.com/a/b', 'v0.0.0-20200101000000-abcdefabcdef', undefined],
    ['github.com/a/b', 'v1.2', undefined],
    ['github.com/a/b', 'master', undefined],
  ];
  for (const [path, version, tag] of versions) {
    it(`${path}@${version} needs the tag ${tag}`, () => assert.equal(neededTag(path, 'github.com/a/b', version), tag));
  }
});

it('the tag of a version is found among the tags', () => {
  assert.equal(tagOfVersion('r.io/m/sub', 'r.io/m', 'v1.0.0', ['v1.0.0', 'sub/v1.0.0']), 'sub/v1.0.0');
  assert.equal(tagOfVersion('r.io/m/sub', 'r.io/m', 'v1.0.0', ['v1.0.0']), undefined);
  assert.equal(tagOfVersion('r.io/m', 'r.io/m', 'v1.0.0', ['go/v1.0.0'], 'go'), 'go/v1.0.0');
});

describe('a tag of nearly the right name', () => {
  const cases: [path: string, version: string, tags: string[], tag: string | undefined, why?: RegExp][] = [
    ['r.io/m', 'v1.4.0', ['1.4.0', 'v1.3.0'], '1.4.0', /begins with a v/],
    ['r.io/m', 'v1.4.0', ['V1.4.0'], 'V1.4.0', /small letter/],
    ['r.io/m', 'v1.4.0', ['v1.4'], 'v1.4', /three numbers/],
    ['r.io/m', 'v1.0.0', ['v1'], 'v1', /three numbers/],
    ['r.io/m', 'v1.4.0', ['v1.4.0+meta'], 'v1.4.0+meta', /build metadata/],
    ['r.io/m', 'v1.4.0', ['v01.4.0'], 'v01.4.0', /leading zero/],
    ['r.io/m', 'v1.4.0', ['release-1.4.0'], 'release-1.4.0', /"release-" stands before/],
    ['r.io/m', 'v1.4.0', ['m-v1.4.0'], 'm-v1.4.0', /"m-" stands before/],
    ['r.io/m', 'v1.4.0', ['sub/v1.4.0'], 'sub/v1.4.0', /for a module in the directory "sub"/],
    ['r.io/m/sub', 'v1.4.0', ['v1.4.0'], 'v1.4.0', /begin with "sub\/"/],
    ['r.io/m/sub', 'v1.4.0', ['sub/1.4.0'], 'sub/1.4.0', /begins with a v/],
    ['r.io/m/sub', 'v1.4.0', ['sub-v1.4.0'], undefined],
    ['r.io/m/v2', 'v2.1.0', ['v2/v2.1.0'], 'v2/v2.1.0', /the \/v2 of the module's path/],
    ['r.io/m/sub/v2', 'v2.1.0', ['sub/v2/v2.1.0'], 'sub/v2/v2.1.0', /the \/v2 of the module's path/],
    ['r.io/m', 'v2.0.0+incompatible', ['v2.0.0+incompatible'], 'v2.0.0+incompatible', /Go adds/],
    ['r.io/m', 'v1.4.0-rc.1', ['v1.4.0rc1'], 'v1.4.0rc1', /pre-release is written "-rc.1"/],
    ['r.io/m', 'v1.4.0-rc.1', ['v1.4.0'], undefined],
    ['r.io/m', 'v1.4.0', ['v1.4.0-rc.1', 'v1.4.1', '11.4.0', 'v11.4.0', 'v1.14.0', 'v2.1.4.0'], undefined],
    ['r.io/m', 'v1.4.0', ['v1.4.0', '1.4.0'], undefined],
    ['r.io/m', 'v1.4.0', ['sub/v1.4.0', 'release-1.4.0', '1.4.0'], '1.4.0'],
    ['r.io/m', 'v1.0.0', ['sub/v1', 'release-1'], undefined],
    ['r.io/m', 'v0.0.0-20200101000000-abcdefabcdef', ['0.0.0-20200101000000-abcdefabcdef'], undefined],
  ];
  for (const [path, version, tags, tag, why] of cases) {
    it(`${path}@${version} among ${tags.join(' ')}: ${tag}`, () => {
      const near = nearTag(path, 'r.io/m', version, tags);
      assert.equal(near?.tag, tag);
      if (why) assert.match(near!.why, why);
    });
  }
});
