/** Small programs to copy from. Each is run by a test, on every transport. */
package dev.headrace.examples;
