/**
 * What drives a target, from the run down to the bytes:
 *
 * <pre>
 *   LoadRun ─▶ LoopLoad (one a loop) ─▶ Lane (one a connection) ─▶ Conversation ─▶ socket
 *                 Pacer offers what is due ─┘        └─ answers ─▶ LoopRecorder
 * </pre>
 *
 * <p>Closed loop: a lane asks again as soon as it is answered. Open loop: the pacer hands each
 * request to its lane when it is due, whether or not earlier ones are answered.
 */
package dev.headrace.loadgen.load;
