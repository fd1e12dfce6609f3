// The engine that comparisons are tested on: the processor with two threads, whatever this machine
// has.
#pragma once

#include "engine/api/engine_options.h"

namespace sotto::test {

inline EngineOptions twoThreads() {
    EngineOptions options;
    options.device = "cpu";
    options.nThreads = 2;
    return options;
}

}  // namespace sotto::test
