/**
 * The engine's face: start one, see what it runs on, listen and connect.
 *
 * <pre>
 *   socket → loop → buffer → service → loop → socket
 * </pre>
 */
package dev.headrace;
