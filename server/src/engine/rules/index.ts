import type { Rule } from '../rule.ts';
import { checksumMismatch } from './checksum-mismatch.ts';
import { majorPathMismatch } from './major-path-mismatch.ts';
import { missingChecksum } from './missing-checksum.ts';
import { missingTag } from './missing-tag.ts';
import { staleChecksum } from './stale-checksum.ts';

/** Every rule, by name. */
export const rules: readonly Rule[] = [
  checksumMismatch,
  majorPathMismatch,
  missingChecksum,
  missingTag,
  staleChecksum,
];
