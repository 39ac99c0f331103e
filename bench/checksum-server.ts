// Serves a checksum database in a process of its own, so that neither client shares its processor time. It tells where it is,
// and how many requests it had so far whenever it is asked.
import { recordOf } from '../test/sumdb/sample-log.ts';
import { startChecksumDatabase } from '../test/world/checksum-database.ts';

const records = Array.from({ length: Number(process.argv[2]) }, (_, at) => recordOf(at));
const { url, verifierKey, goSumDb, requests } = await startChecksumDatabase({ records });
process.send!({ url, verifierKey, goSumDb });
process.on('message', () => process.send!(requests.length));
process.on('disconnect', () => process.exit());
