import { decodeBase64 } from './base64.ts';
import { decodeUtf8, isWellFormed } from './utf8.ts';

/** A state of the log: how many records it has and the hash over them all. */
export interface Tree {
  /** At most Number.MAX_SAFE_INTEGER, where Go allows 2⁶³-1. */
  readonly size: number;
  /** 32 bytes. */
  readonly hash: Uint8Array;
}

/** Reads the text of a tree head (tlog.ParseTree); further lines are ignored. Undefined when malformed. */
export function parseTree(text: string): Tree | undefined {
  const [first, size = '', hash = '', ...rest] = text.split('\n');
  if (first !== 'go.sum database tree' || rest.length === 0 || text.length > 1e6) return undefined;
  const bytes = decodeBase64(hash);
  if (!isDecimal(size) || bytes?.length !== 32) return undefined;
  return { size: Number(size), hash: bytes };
}

/** An entry of the log, as a lookup answers it. */
export interface LogRecord {
  /** Its place in the log, from 0. */
  readonly id: number;
  /** The record itself, which is what the log has the hash of. */
  readonly data: Uint8Array;
  /** The same as text: go.sum lines, each with its newline. */
  readonly text: string;
  /** What follows the record: the signed tree head. */
  readonly rest: Uint8Array;
}

/** Reads the record at the start of a lookup's answer (tlog.ParseRecord). Undefined when malformed. */
export function parseRecord(message: Uint8Array): LogRecord | undefined {
  const start = message.indexOf(NEWLINE) + 1;
  const id = decodeUtf8(message.subarray(0, Math.max(0, start - 1)));
  const end = endOfBlock(message, start);
  if (start === 0 || end === undefined || id === undefined || !isDecimal(id)) return undefined;
  const data = message.subarray(start, end);
  const text = decodeUtf8(data);
  if (text === undefined || !isRecordText(text)) return undefined;
  return { id: Number(id), data, text, rest: message.subarray(end + 1) };
}

const NEWLINE = 0x0a;

/** Where the lines from `start` end before a blank line; the last line's newline is included. */
function endOfBlock(message: Uint8Array, start: number): number | undefined {
  for (let at = message.indexOf(NEWLINE, start); at >= 0; at = message.indexOf(NEWLINE, at + 1)) {
    if (message[at + 1] === NEWLINE) return at + 1;
  }
  return undefined;
}

/** Whether these are lines without control characters, none of them blank (tlog.isValidRecordText). */
function isRecordText(text: string): boolean {
  return isWellFormed(text) && text.endsWith('\n') && !/[\u0000-\u0009\u000b-\u001f]|\n\n/.test(text);
}

function isDecimal(digits: string): boolean {
  return /^(0|[1-9][0-9]*)$/.test(digits) && Number.isSafeInteger(Number(digits));
}
