/** A heading's anchor, as GitHub and its like make it: the documents' links are made for them. */
export const formatAnchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')
