/**
 * Sources and sinks of bytes and what can be done with any of them: they know no socket and no
 * file.
 */
package dev.headrace.io;
