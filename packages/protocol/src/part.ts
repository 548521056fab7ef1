/** Labels of the parts an event can have, ascending by byte: the order of the leaf. */
export const partLabels = ['actor', 'changes', 'context', 'core', 'data', 'targets'] as const
export type PartLabel = (typeof partLabels)[number]
