/** What a loop shares with its tasks is locked by. */
package dev.headrace.internal.lock;
