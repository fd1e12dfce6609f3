// A thread's standing with the system's scheduler. POSIX in thread_priority_posix.cpp, its Windows
// twin in thread_priority_windows.cpp.
#pragma once

namespace sotto {

// The calling thread runs when nothing else wants the processor, from now on. Where the system
// refuses, nothing changes.
void runInBackground();

}  // namespace sotto
