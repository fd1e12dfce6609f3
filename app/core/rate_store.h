// The rates that were measured on this machine, kept in the cache folder: measuring takes seconds
// per tensor type, and a forecast is asked for whole lists.
//
// A file of JSON, one entry per device, thread count and version of the program. What cannot be
// read is measured again; what cannot be written is measured again next time. Any thread.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "engine/api/device_info.h"
#include "engine/api/forecast.h"

namespace sotto::app {

// Which rates belong together. Another driver's or processor's name is another machine.
struct RateKey {
    std::string deviceId;
    std::string deviceName;
    int nThreads = 0;
    std::string version;  // of the program: another one has other kernels

    bool operator==(const RateKey&) const = default;
};

// Of this program, with as many threads (as in EngineOptions).
RateKey rateKeyOf(const DeviceInfo& device, int nThreads);

class RateStore {
public:
    // Its place in the folder for what can be made again.
    static std::filesystem::path pathIn(const std::filesystem::path& cache) {
        return cache / "sotto-rates.json";
    }

    explicit RateStore(std::filesystem::path file) : m_file(std::move(file)) {}

    // Empty rates when there are none.
    MachineRates load(const RateKey& key) const;
    // Keeps those of other keys. Errors: those of AtomicFile.
    Status save(const RateKey& key, const MachineRates& rates) const;

private:
    std::filesystem::path m_file;
};

}  // namespace sotto::app
