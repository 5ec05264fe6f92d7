import { isNdArray } from './ndarray.ts'

/** Nested records and lists whose leaves are `Leaf`. */
export type Tree<Leaf> = Leaf | readonly Tree<Leaf>[] | { readonly [key: string]: Tree<Leaf> }

/** Applies `transform` to every leaf, keeping the structure; `path` names the leaf (`batch.tokens`). */
export function mapTree(
  tree: unknown,
  transform: (leaf: unknown, path: string) => unknown,
  path = '',
): unknown {
  if (Array.isArray(tree))
    return tree.map((child, index) => mapTree(child, transform, join(path, String(index))))
  if (isRecord(tree)) {
    return Object.fromEntries(
      Object.keys(tree).map((key) => [key, mapTree(tree[key], transform, join(path, key))]),
    )
  }
  return transform(tree, path)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype &&
    !isNdArray(value)
  )
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}
