#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/platform.h"
#include "app/cli/progress_bar.h"
#include "engine/api/device_info.h"
#include "engine/selftest/fast_kernels.h"
#include "engine/selftest/selftest.h"
#include "engine/selftest/witness_cases.h"

namespace sotto::cli {

namespace {

struct Check {
    std::string name;
    SelftestResult result;
};

// Every fast kernel against the reference, and against cuBLAS where there is one; cut short by
// Ctrl-C.
std::vector<Check> runChecks(const FastKernels& fast, const DoctorOptions& options,
                             KernelSet* witness) {
    SelftestOptions selftest = fast.selftest();
    selftest.isRealSize = options.isRealSize;
    auto cases = selftestCases(*fast.kernels, selftest);
    if (witness != nullptr)
        for (SelftestCase& test : witnessCases(*fast.kernels, *witness))
            cases.push_back(std::move(test));
    std::vector<Check> checks;
    ProgressBar bar("kernels", "checks");
    for (const SelftestCase& test : cases) {
        if (isInterrupted()) break;
        bar.update(static_cast<std::int64_t>(checks.size()),
                   static_cast<std::int64_t>(cases.size()));
        checks.push_back({test.name, test.run()});
    }
    return checks;
}

Json deviceJson(const DeviceInfo& device) {
    return {{"id", device.id},
            {"name", device.name},
            {"instruction_set", device.instructionSet},
            {"cores", device.nCores},
            {"threads", device.nThreads},
            {"quota_cores", device.quotaCores},
            {"memory_total", device.memoryTotal},
            {"memory_available", device.memoryAvailable},
            {"usable", device.unusableReason.empty()},
            {"unusable_reason", device.unusableReason}};
}

void printDevice(const DeviceInfo& device) {
    if (!device.unusableReason.empty()) {
        print(fmt::format("{}: {}\n", device.id, device.unusableReason));
        return;
    }
    const std::string quota =
        device.quotaCores > 0 ? fmt::format(" (of a quota of {:.3g})", device.quotaCores) : "";
    const std::string threads = device.nThreads > 0
                                    ? fmt::format(", {} thread{}{}", device.nThreads,
                                                  device.nThreads == 1 ? "" : "s", quota)
                                    : "";
    print(fmt::format("{}: {}, {}, {} cores{}, {} of memory, {} free\n", device.id, device.name,
                      device.instructionSet, device.nCores, threads, bytesText(device.memoryTotal),
                      bytesText(device.memoryAvailable)));
}

void printReport(const std::string& checked, const BandwidthMeasurement& bandwidth,
                 const std::vector<Check>& checks) {
    print(fmt::format("Checked: {}\n{}", checked,
                      bandwidthText(bandwidth.readGbS, bandwidth.copyGbS)));
    print(bandwidth.specGbS > 0 ? fmt::format(" of {:.0f} GB/s\n", bandwidth.specGbS) : "\n");
    std::size_t nFailed = 0, nSkipped = 0;
    for (const Check& check : checks) {
        if (check.result.ok) continue;
        ++(check.result.isSkipped ? nSkipped : nFailed);
        print(fmt::format("{} {}: {}\n", check.result.isSkipped ? "SKIPPED" : "FAILED", check.name,
                          check.result.detail));
    }
    const std::size_t nRun = checks.size() - nSkipped;
    if (nSkipped > 0)
        print(fmt::format("{} of {} checks could not run.\n", nSkipped, checks.size()));
    print(nFailed == 0
              ? fmt::format("All {} checks of the kernels{} passed.\n", nRun,
                            nSkipped > 0 ? " that ran" : "")
              : fmt::format("{} of {} checks of the kernels failed; please report this output.\n",
                            nFailed, nRun));
}

}  // namespace

int runDoctor(const CommonOptions& common, const DoctorOptions& options) {
    const auto fast = createFastKernels(common.device, common.nThreads);
    if (!fast) return printError(fast.error(), common.isJson);
    const std::string& chosen = fast->deviceId;
    const std::vector<DeviceInfo> devices = listDevices();
    if (!common.isJson) {
        for (const DeviceInfo& device : devices) printDevice(device);
    }
    const Result<BandwidthMeasurement> bandwidth = measureDeviceBandwidth(chosen, common.nThreads);
    if (!bandwidth) return printError(bandwidth.error(), common.isJson);
    std::unique_ptr<KernelSet> witness;
    std::string witnessState;
    if (chosen != "cpu") {
        auto made = createWitnessKernels(chosen);
        if (made) witness = std::move(*made);
        witnessState = made                                           ? "found"
                       : made.error().code == ErrorCode::FileNotFound ? "not found"
                                                                      : made.error().message;
        if (!common.isJson) print("cuBLAS: " + witnessState + '\n');
    }
    const std::vector<Check> checks = runChecks(*fast, options, witness.get());
    if (isInterrupted())
        return printError(Error{ErrorCode::Cancelled, "Cancelled."}, common.isJson);
    const bool isFine = std::all_of(checks.begin(), checks.end(), [](const Check& check) {
        return check.result.ok || check.result.isSkipped;
    });
    if (!common.isJson) {
        printReport(fast->kernels->name(), *bandwidth, checks);
        return isFine ? finishOutput() : kFailed;
    }
    Json list = Json::array();
    for (const Check& check : checks) {
        // JSON has no infinity: a kernel that made one reports null.
        const bool isFinite = std::isfinite(check.result.maxError);
        list.push_back({{"name", check.name},
                        {"ok", check.result.ok},
                        {"skipped", check.result.isSkipped},
                        {"max_error", isFinite ? Json(check.result.maxError) : Json()},
                        {"detail", check.result.detail}});
    }
    Json device = Json::object();
    Json others = Json::array();
    for (const DeviceInfo& info : devices) {
        if (info.id == chosen) device = deviceJson(info);
        others.push_back(deviceJson(info));
    }
    device["bandwidth_gb_s_measured"] = bandwidth->readGbS;
    device["copy_bandwidth_gb_s_measured"] = bandwidth->copyGbS;
    if (bandwidth->specGbS > 0) device["bandwidth_gb_s_spec"] = bandwidth->specGbS;
    device["kernels"] = fast->kernels->name();
    if (!witnessState.empty()) device["cublas"] = witnessState;
    printJson({{"device", std::move(device)},
               {"devices", std::move(others)},
               {"checks", std::move(list)},
               {"ok", isFine}});
    return isFine ? finishOutput() : kFailed;
}

}  // namespace sotto::cli
