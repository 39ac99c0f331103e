/**
 * The environment for a git process: the user's own, but without anything that asks a person, and without what ties
 * git to another repository (GIT_DIR, as in a hook).
 *
 * @param sshCommand what to set GIT_SSH_COMMAND to; undefined leaves the user's own way to run ssh
 */
export function gitEnvironment(
  environment: NodeJS.ProcessEnv,
  directory: string,
  sshCommand: string | undefined,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && isKept(name.toUpperCase())) kept[name] = value;
  }
  return {
    ...kept,
    ...configOf(environment),
    // Messages are recognized by their words.
    LC_ALL: 'C',
    LANGUAGE: '',
    GIT_TERMINAL_PROMPT: '0',
    GCM_INTERACTIVE: 'never',
    // Set but empty: git asks no program, not even the one that core.askPass names.
    GIT_ASKPASS: '',
    SSH_ASKPASS: '',
    SSH_ASKPASS_REQUIRE: 'force',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_CEILING_DIRECTORIES: directory,
    ...(sshCommand === undefined ? {} : { GIT_SSH_COMMAND: sshCommand }),
  };
}

/** Whether the user's environment says how to run ssh. */
export function namesSsh(environment: NodeJS.ProcessEnv): boolean {
  return Boolean(environment['GIT_SSH'] || environment['GIT_SSH_COMMAND']);
}

/** ssh that asks nobody and gives up in time; used when the user named no other. */
export const QUIET_SSH = 'ssh -o BatchMode=yes -o ControlMaster=no -o ConnectTimeout=15';

/** Variables of git that say how to reach a remote or where the user's configuration is. */
const KEPT =
  /^GIT_(SSH|SSH_COMMAND|SSH_VARIANT|(SSL|HTTP|PROXY)_.*|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)|EXEC_PATH|.*PROTOCOL.*)$/;

/** Programs that git might start to ask, to show or to edit; none of them is of use here. */
const DROPPED = /^(EDITOR|VISUAL|PAGER|PREFIX|SSH_ASKPASS|DISPLAY)$/;

function isKept(name: string): boolean {
  return name.startsWith('GIT_') ? KEPT.test(name) : !DROPPED.test(name);
}

/** Settings that bear on reaching a remote; others, such as aliases, are left out. */
const REMOTE_SETTING =
  /^(url\.|http\.|https\.|credential\.|ssh\.|protocol\.|include\.|includeif\.|safe\.|core\.(sshcommand|gitproxy)$)/i;

/** Configuration given in the environment (GIT_CONFIG_COUNT), reduced and numbered anew. */
function configOf(environment: NodeJS.ProcessEnv): Record<string, string> {
  const count = Number(environment['GIT_CONFIG_COUNT'] ?? '0');
  const entries: Record<string, string> = {};
  let kept = 0;
  for (let at = 0; at < Math.min(count, 1000); at += 1) {
    const key = environment[`GIT_CONFIG_KEY_${at}`];
    const value = environment[`GIT_CONFIG_VALUE_${at}`];
    if (key === undefined || value === undefined || !REMOTE_SETTING.test(key)) continue;
    entries[`GIT_CONFIG_KEY_${kept}`] = key;
    entries[`GIT_CONFIG_VALUE_${kept}`] = value;
    kept += 1;
  }
  return kept === 0 ? {} : { ...entries, GIT_CONFIG_COUNT: String(kept) };
}
