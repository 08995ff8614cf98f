/**
 * Files. On io_uring every operation goes the way of the sockets' own: task → loop → ring → kernel
 * → ring → loop → task; elsewhere a bounded pool of threads stands in for the ring.
 */
package dev.headrace.file;
