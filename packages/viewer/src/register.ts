import { defineViewer } from './define-viewer.ts'

/** What the service serves at `/embed/viewer.js`, for pages without a bundler. */
defineViewer()
