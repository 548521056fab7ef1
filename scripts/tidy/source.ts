import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import {
  isCallExpression,
  isExportDeclaration,
  isFunctionLikeDeclaration,
  isImportDeclaration,
  isImportTypeNode,
  isLiteralTypeNode,
  isNewExpression,
  isStringLiteral,
  type Node,
  type SourceFile,
  SyntaxKind,
} from 'typescript/unstable/ast'
import { API } from 'typescript/unstable/sync'

/** One `import`, `export … from`, `import(…)` or `new URL('…', import.meta.url)`. */
export interface Import {
  readonly specifier: string
  /** Path from the root where the specifier is a relative one. */
  readonly target?: string
  readonly line: number
}

export interface FunctionFacts {
  readonly name: string
  readonly line: number
  /** Its own lines: a function inside it is counted for itself. */
  readonly lines: number
  /** Its comments number its steps: `// 1 …`, `// 2 …`, `// 3 …`. */
  readonly isNumbered: boolean
}

/** What the rules need to know of a TypeScript file. */
export interface Source {
  readonly path: string
  readonly lines: number
  readonly imports: readonly Import[]
  readonly functions: readonly FunctionFacts[]
}

/** What runs in a browser, or is bundled, has projects of its own, with the browser's types and JSX. */
const projects = ['', 'packages/console/', 'packages/viewer/', 'packages/guide/'].map(
  (at) => `${at}tsconfig.json`,
)

/** Reads every file of the root's projects with TypeScript's own parser. */
export function readSources(root: string): Source[] {
  const api = new API({ cwd: root })
  try {
    const openProjects = projects.map((path) => join(root, path)).filter((path) => existsSync(path))
    const programs = api
      .updateSnapshot({ openProjects })
      .getProjects()
      .map(({ program }) => program)
    if (programs.length === 0) throw new Error(`${root} has no tsconfig.json.`)
    const sources = programs.flatMap((program) =>
      program
        .getSourceFileNames()
        .filter((name) => name.startsWith(`${root}/`) && !name.includes('/node_modules/'))
        .map((name) => {
          const file = program.getSourceFile(name)
          if (file === undefined) throw new Error(`${name} can't be parsed.`)
          return describe(relative(root, name), file)
        }),
    )
    // What two projects import is one file.
    return [...new Map(sources.map((source) => [source.path, source])).values()]
  } finally {
    api.close()
  }
}

function describe(path: string, file: SourceFile): Source {
  const imports: Import[] = []
  const functions: FunctionFacts[] = []
  const lineOf = (position: number) => file.getLineAndCharacterOfPosition(position).line + 1
  /** @returns lines that functions inside the node take up */
  const visit = (node: Node): number => {
    const specifier = readSpecifier(node)
    if (specifier !== undefined) {
      const target = specifier.startsWith('.') ? join(dirname(path), specifier) : undefined
      const line = lineOf(node.getStart(file))
      imports.push({ specifier, line, ...(target === undefined ? {} : { target }) })
    }
    let inner = 0
    node.forEachChild((child) => {
      inner += visit(child)
    })
    if (!isFunctionLikeDeclaration(node) || !('body' in node) || node.body === undefined) {
      return inner
    }
    const start = node.getStart(file)
    const [first, last] = [lineOf(start), lineOf(node.end)]
    // A function of one line takes nothing from the one around it.
    const all = last - first + 1
    functions.push({
      name: nameOf(node),
      line: first,
      lines: all - inner,
      isNumbered: isNumbered(file.text.slice(start, node.end)),
    })
    return all === 1 ? 0 : all - 1
  }
  visit(file)
  return { path, lines: file.text.trimEnd().split('\n').length, imports, functions }
}

function readSpecifier(node: Node): string | undefined {
  if (isImportDeclaration(node) || isExportDeclaration(node)) {
    const { moduleSpecifier } = node
    return moduleSpecifier !== undefined && isStringLiteral(moduleSpecifier)
      ? moduleSpecifier.text
      : undefined
  }
  if (isImportTypeNode(node)) {
    const { argument } = node
    const isText = isLiteralTypeNode(argument) && isStringLiteral(argument.literal)
    return isText && isStringLiteral(argument.literal) ? argument.literal.text : undefined
  }
  const isImport = isCallExpression(node) && node.expression.kind === SyntaxKind.ImportKeyword
  const isUrl = isNewExpression(node) && node.arguments?.[1]?.getText() === 'import.meta.url'
  if (!isImport && !isUrl) return undefined
  const first = node.arguments?.[0]
  return first !== undefined && isStringLiteral(first) ? first.text : undefined
}

function nameOf(node: Node): string {
  for (const named of [node, node.parent]) {
    if (named !== undefined && 'name' in named && named.name !== undefined) {
      return (named.name as Node).getText() // whatever has a name has a node for it
    }
  }
  return 'a function without a name'
}

const isNumbered = (text: string): boolean =>
  [1, 2, 3].every((step) => new RegExp(`^\\s*// ${step} `, 'm').test(text))
