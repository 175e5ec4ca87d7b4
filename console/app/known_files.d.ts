import type { Plugin } from "vite";

/**
 * Tells the service worker which files the app is made of, those that are served as they stand in `folder` among them, and by
 * what name this edition of it goes: a digest of them all, so that a browser sees another worker as soon as anything changed,
 * and the same one when nothing did.
 */
export function knowingItsFiles(folder: string): Plugin;
