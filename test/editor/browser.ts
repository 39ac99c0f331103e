import { chromium, type Browser } from 'playwright-core';
import { servedEditor } from '../../scripts/editor.mjs';

/** Starts Debian's Chromium without a window. The editor is its only page, so it asks no other host for anything. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: servedEditor.chromium,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  });
}
