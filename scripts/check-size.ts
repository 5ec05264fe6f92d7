/**
 * Holds the sizes of CONTRIBUTING.md: files of at most 400 lines, functions of at most 80 (tests, whose blocks are lists of
 * cases, excepted), and no `any` in the packages' sources.
 */
import { relative } from 'node:path'
import type { Node, SourceFile } from 'typescript/unstable/ast'
import { SyntaxKind } from 'typescript/unstable/ast'
import { isFunctionLikeDeclaration } from 'typescript/unstable/ast/is'
import { API } from 'typescript/unstable/sync'

const mostFileLines = 400
const mostFunctionLines = 80

const isTest = (file: string) => /\.test\.tsx?$|\/test\//.test(file)
const isPackageSource = (file: string) => /^packages\/[^/]+\/src\//.test(file)

/** What is too long or untyped in a file, each with its line. */
function problemsOf(file: string, source: SourceFile): string[] {
  const problems: string[] = []
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line + 1
  const visit = (node: Node): void => {
    const first = lineOf(node.getStart(source))
    if (isFunctionLikeDeclaration(node) && !isTest(file)) {
      const lines = lineOf(node.getEnd()) - first + 1
      if (lines > mostFunctionLines)
        problems.push(
          `${file}:${first}: a function of ${lines} lines, at most ${mostFunctionLines} are allowed`,
        )
    }
    if (node.kind === SyntaxKind.AnyKeyword && isPackageSource(file))
      problems.push(`${file}:${first}: the type 'any'`)
    node.forEachChild(visit)
  }
  visit(source)
  const lines = source.text.split('\n').length - 1
  if (lines > mostFileLines) problems.push(`${file}: ${lines} lines, at most ${mostFileLines} are allowed`)
  return problems
}

const api = new API({ cwd: process.cwd() })
const projects = api
  .updateSnapshot({ openProjects: ['tsconfig.json', 'packages/studio/tsconfig.json'] })
  .getProjects()
const files = new Map(
  projects.flatMap(({ program }) =>
    program
      .getSourceFileNames()
      .filter((name) => !name.includes('node_modules') && !name.endsWith('.d.ts'))
      .map((name) => [name, program.getSourceFile(name)!] as const),
  ),
)
const problems = [...files].flatMap(([name, source]) =>
  problemsOf(relative('.', name).replaceAll('\\', '/'), source),
)
api.close()

for (const problem of problems) console.error(problem)
console.error(problems.length === 0 ? `sizes hold in ${files.size} files` : `${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1
