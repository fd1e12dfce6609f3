// A fake of NVIDIA's management library: a table of plain functions over one state, reset by each
// test.
#pragma once

#include <string>
#include <vector>

#include "engine/device/cuda/nvml_api.h"

namespace sotto::cuda {

struct FakeNvml {
    int initResult = kNvmlSuccess;
    int nInits = 0;
    int nShutdowns = 0;
    std::string knownBusId = "0000:3B:00.0";
    std::string askedBusId;
    NvmlMemory memory{.total = 24000, .free = 14000, .used = 10000};
    std::vector<NvmlProcess> computing;
    std::vector<NvmlProcess> drawing;
    unsigned long long throttle = 0;
    bool isSilent = false;  // the card answers "not supported" to everything
};
extern FakeNvml fakeNvml;

NvmlDeviceHandle fakeNvmlHandle();
NvmlApi fakeNvmlApi();

}  // namespace sotto::cuda
