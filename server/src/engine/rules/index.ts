import type { Rule } from '../rule.ts';
import { ambiguousImport } from './ambiguous-import.ts';
import { checksumMismatch } from './checksum-mismatch.ts';
import { conflictingChecksums } from './conflicting-checksums.ts';
import { declaredPathMismatch } from './declared-path-mismatch.ts';
import { duplicateExclude } from './duplicate-exclude.ts';
import { duplicateReplace } from './duplicate-replace.ts';
import { duplicateRequirement } from './duplicate-requirement.ts';
import { excludedRequirement } from './excluded-requirement.ts';
import { goLineBelowDependency } from './go-line-below-dependency.ts';
import { goModChecksumOnly } from './go-mod-checksum-only.ts';
import { inconsistentRequirements } from './inconsistent-requirements.ts';
import { inconsistentVendoring } from './inconsistent-vendoring.ts';
import { invalidGoVersion } from './invalid-go-version.ts';
import { invalidModulePath } from './invalid-module-path.ts';
import { invalidReplace } from './invalid-replace.ts';
import { invalidVersion } from './invalid-version.ts';
import { majorPathMismatch } from './major-path-mismatch.ts';
import { malformedChecksumLine } from './malformed-checksum-line.ts';
import { malformedPseudoVersion } from './malformed-pseudo-version.ts';
import { mergeConflict } from './merge-conflict.ts';
import { missingChecksum } from './missing-checksum.ts';
import { missingGoDirective } from './missing-go-directive.ts';
import { missingIndirectComment } from './missing-indirect-comment.ts';
import { missingRequirement } from './missing-requirement.ts';
import { missingTag } from './missing-tag.ts';
import { nonCanonicalVersion } from './non-canonical-version.ts';
import { replaceTargetMissing } from './replace-target-missing.ts';
import { replaceTargetPathMismatch } from './replace-target-path-mismatch.ts';
import { replacedFixHidden } from './replaced-fix-hidden.ts';
import { requirementDowngrade } from './requirement-downgrade.ts';
import { splitRequireBlocks } from './split-require-blocks.ts';
import { staleChecksum } from './stale-checksum.ts';
import { superfluousIndirectComment } from './superfluous-indirect-comment.ts';
import { syntaxError } from './syntax-error.ts';
import { toolchainBelowGo } from './toolchain-below-go.ts';
import { unusedExclude } from './unused-exclude.ts';
import { unusedReplace } from './unused-replace.ts';
import { unusedRequirement } from './unused-requirement.ts';
import { versionNotSelected } from './version-not-selected.ts';
import { workspaceDirectoryMissing } from './workspace-directory-missing.ts';
import { workspaceDuplicateUse } from './workspace-duplicate-use.ts';
import { workspaceGoTooLow } from './workspace-go-too-low.ts';
import { workspaceReplaceConflict } from './workspace-replace-conflict.ts';

/** Every rule, by name. */
export const rules: readonly Rule[] = [
  ambiguousImport,
  checksumMismatch,
  conflictingChecksums,
  declaredPathMismatch,
  duplicateExclude,
  duplicateReplace,
  duplicateRequirement,
  excludedRequirement,
  goLineBelowDependency,
  goModChecksumOnly,
  inconsistentRequirements,
  inconsistentVendoring,
  invalidGoVersion,
  invalidModulePath,
  invalidReplace,
  invalidVersion,
  majorPathMismatch,
  malformedChecksumLine,
  malformedPseudoVersion,
  mergeConflict,
  missingChecksum,
  missingGoDirective,
  missingIndirectComment,
  missingRequirement,
  missingTag,
  nonCanonicalVersion,
  replaceTargetMissing,
  replaceTargetPathMismatch,
  replacedFixHidden,
  requirementDowngrade,
  splitRequireBlocks,
  staleChecksum,
  superfluousIndirectComment,
  syntaxError,
  toolchainBelowGo,
  unusedExclude,
  unusedReplace,
  unusedRequirement,
  versionNotSelected,
  workspaceDirectoryMissing,
  workspaceDuplicateUse,
  workspaceGoTooLow,
  workspaceReplaceConflict,
];
