export { defineViewer } from './define-viewer.ts'
export type { GetToken, ViewerElement } from './viewer-element.ts'
