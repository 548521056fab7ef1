/** A scalar somewhere in an object, by the path a filter names it with. */
export interface Leaf {
  readonly path: string
  readonly value: unknown
}

/** Every scalar, depth first; elements of lists share their list's path, as in the grammar. */
export function flatten(value: unknown, path: string, most: number): Leaf[] {
  const leaves: Leaf[] = []
  const visit = (at: unknown, name: string): void => {
    if (leaves.length >= most) return
    if (typeof at !== 'object' || at === null) {
      leaves.push({ path: name, value: at })
    } else if (Array.isArray(at)) {
      for (const element of at) visit(element, name)
    } else {
      for (const [member, inner] of Object.entries(at)) visit(inner, `${name}.${member}`)
    }
  }
  visit(value, path)
  return leaves
}
