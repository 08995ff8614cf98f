/** Linux through the Foreign Function and Memory API: no policy, no threads, no Netty. */
module dev.headrace.linux {
  exports dev.headrace.linux;
}
