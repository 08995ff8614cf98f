/** Virtual threads that run on the thread of an event loop. */
package dev.headrace.internal.carrier;
