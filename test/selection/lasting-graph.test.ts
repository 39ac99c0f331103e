import assert from 'node:assert/strict';
import { recordFacts } from '../../server/src/engine/analysis.ts';
import type { RecordedFacts } from '../../server/src/engine/analysis.ts';
import { moduleGraph } from '../../server/src/engine/module-graph.ts';
import type { Project } from '../../server/src/engine/project.ts';
import { parseMod } from '../../server/src/syntax/mod-file.ts';
import { summarizeMod } from '../../server/src/syntax/mod-summary.ts';

/** A project that stays the same snapshot while what is known of the world changes. */
function projectOf(text: string): Project {
  return {
    environment: {
      proxies: [], noProxy: '', noSumDb: '', private: '', insecure: '', vcs: '', sumDb: 'off', moduleCache: undefined, goFlags: [], work: '',
    },
    workspace: undefined,
    modules: [{ directory: '/m', mod: { path: '/m/go.mod', text, editable: true, parsed: parseMod(text) }, sum: undefined, vendored: false }],
    nearby: [],
  };
}

/** What is known in a round: the go.mod files by what they are asked for; the module cache lacks all others. */
function round(published: object, mods: Readonly<Record<string, string>>): RecordedFacts & { readonly asked: string[] } {
  const asked: string[] = [];
  const facts = recordFacts((_key, question) => {
    const { kind, path, version, directory } = question as { kind: string; path?: string; version?: string; directory?: string };
    const name = `${kind} ${directory ?? `${path ?? ''}@${version ?? ''}`}`;
    asked.push(name);
    const text = mods[name];
    if (text !== undefined) return { fact: { state: 'known', value: { ...summarizeMod(text), from: '' } }, refresh: false };
    return { fact: { state: 'absent', evidence: [{ from: 'module cache', said: 'no such file' }] }, refresh: false };
  }, published);
  return { ...facts, asked };
}

function selected(project: Project, facts: RecordedFacts): string | undefined {
  const graph = moduleGraph(project, facts);
  return graph.state === 'known' ? graph.selected.get('example.com/b') : graph.state;
}

const A = 'module example.com/a\n\ngo 1.16\n\nrequire example.com/b ';
const B = 'module example.com/b\n\ngo 1.16\n';
const MAIN = 'module example.com/m\n\ngo 1.16\n\nrequire example.com/a v1.0.0\n';

describe('a module graph', () => {
  it('is kept for later rounds where it follows from the module cache', () => {
    const published = {};
    const project = projectOf(MAIN);
    const mods = { 'mod example.com/a@v1.0.0': `${A}v1.1.0\n`, 'mod example.com/b@v1.1.0': B };
    const first = round(published, mods);
    assert.equal(selected(project, first), 'v1.1.0');
    assert.equal(first.asked.length, 2);
    const second = round(published, mods);
    assert.equal(selected(project, second), 'v1.1.0');
    assert.deepEqual(second.asked, []);
    const edited = round(published, mods);
    assert.equal(selected(projectOf(`${MAIN}\n// Edited.\n`), edited), 'v1.1.0');
    assert.deepEqual(edited.asked, []);
    assert.equal(selected(project, round({}, { ...mods, 'mod example.com/a@v1.0.0': `${A}v1.2.0\n`, 'mod example.com/b@v1.2.0': B })), 'v1.2.0');
  });

  it('is not kept where a directory stands in for a module', () => {
    const published = {};
    const project = projectOf(`${MAIN}\nreplace example.com/a => ./a\n`);
    for (const version of ['v1.1.0', 'v1.2.0']) {
      const mods = { 'directory-mod /m/a': `${A}${version}\n`, [`mod example.com/b@${version}`]: B };
      const facts = round(published, mods);
      assert.equal(selected(project, facts), version);
      // The second graph of a round has its summaries from the first.
      assert.equal(selected(projectOf(project.modules[0]!.mod.text), facts), version);
    }
  });

  it('is not kept where a go.mod had to be fetched', () => {
    const published = {};
    const project = projectOf(MAIN);
    assert.equal(selected(project, round(published, { 'mod example.com/b@v1.1.0': B, 'remote-mod example.com/a@v1.0.0': `${A}v1.1.0\n` })), 'v1.1.0');
    assert.equal(selected(project, round(published, { 'mod example.com/b@v1.1.0': B })), 'unavailable');
  });

  it('is made anew where a replacement comes or an exclusion takes a requirement away', () => {
    const published = {};
    const mods = { 'mod example.com/a@v1.0.0': `${A}v1.1.0\n`, 'mod example.com/b@v1.1.0': B, 'mod example.com/c@v1.0.0': 'module example.com/c\n' };
    assert.equal(selected(projectOf(MAIN), round(published, mods)), 'v1.1.0');
    assert.equal(selected(projectOf(`${MAIN}\nexclude example.com/b v1.1.0\n`), round(published, mods)), undefined);
    assert.equal(selected(projectOf(`${MAIN}\nreplace example.com/a => example.com/c v1.0.0\n`), round(published, mods)), undefined);
    assert.equal(selected(projectOf(MAIN), round(published, mods)), 'v1.1.0');
  });
});
