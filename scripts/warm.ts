// After an install: loads every module of the service once, so that the compile cache holds their
// stripped JavaScript (scripts/node.mjs). Without it the first start strips them in every thread:
// 10 MB more each, and a second longer.
const modules = [
  '../packages/server/src/index.ts',
  '../packages/server/src/threads/writer.ts',
  '../packages/server/src/threads/indexer.ts',
  '../packages/server/src/threads/publisher.ts',
  '../packages/server/src/threads/reader.ts',
  '../packages/cli/src/program.ts',
]
for (const module of modules) {
  // An install must not fail over its speed; the first start tells what is wrong.
  await import(module).catch(() => undefined)
}
process.exit(0)
