import type { PublishedModule } from '../world/module-proxy.ts';

/** The modules that processes hammer a shared cache with; each answer can be told from every other. */
export const MODULES: readonly PublishedModule[] = Array.from({ length: 24 }, (_, at) => ({
  path: `example.com/m${at}`,
  version: `v1.0.${at}`,
  files: { 'go.mod': `module example.com/m${at}\n\n${`// ${at}\n`.repeat(200)}` },
  time: `2024-01-02T03:04:${String(at).padStart(2, '0')}Z`,
}));
