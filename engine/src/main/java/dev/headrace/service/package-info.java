/** What {@code headrace serve} serves, and the examples to read first. */
package dev.headrace.service;
