/** What the children of the tests run: each main class one scenario. */
package dev.headrace.child;
