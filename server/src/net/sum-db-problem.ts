import { parseSumDb } from '../sumdb/sum-db.ts';
import { nodeCryptography } from './checksum-database.ts';

/** Why the go command refuses a value of GOSUMDB, in its words; undefined when it takes it (`off` is no fault). */
export function sumDbProblem(goSumDb: string): string | undefined {
  const sumDb = parseSumDb(goSumDb, nodeCryptography.sha256);
  return sumDb.kind === 'invalid' ? sumDb.why : undefined;
}
