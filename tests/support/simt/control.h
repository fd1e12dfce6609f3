// What tests set and ask of the emulator: the order of threads, when streams run, the devices that
// there are, failures to inject, reports of wrong kernels.
//
// One state per process, guarded by the emulator's lock; reset() in a test's init() gives every
// test the same start. The kernels and the engine never see this header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cuda_runtime_api.h"

namespace simt {

// Everything below back to its default; streams, events, graphs and memory that are still there
// are forgotten, device memory is freed.
void reset();

// 0: blocks, warps and lanes in ascending order, each warp as far as it comes. Otherwise blocks,
// warps and lanes take turns at random, and differently after each barrier: a missing barrier shows
// as a result that depends on the seed. Kept until changed.
void setThreadOrderSeed(std::uint64_t seed);

// Gets the text of a report (divergent barrier, __trap, misused collective); the launch that caused
// it then fails with cudaErrorLaunchFailure, which sticks. Without a handler, and by default, the
// text goes to stderr and the process aborts. The handler must not call the runtime or this header.
void setReportHandler(std::function<void(const std::string&)> handler);

// From now on a launch whose arguments hold a pointer to memory of the program, which would fault
// on a card, is reported. Off by default: tests of single kernels pass vectors for brevity.
// Pointers that lie in device memory themselves are not followed.
void checkArgumentPointers();

// Device memory that is allocated from now on is open to kernels and copies alone: the program ends
// where it follows a pointer to it. Off by default, because opening it takes time for each kernel.
void hideDeviceMemory();

// Immediate: work runs when it is put on a stream. Late: it runs when something waits for it, so
// that reading a result too early, or reusing a buffer that is still to be copied, shows.
enum class StreamTiming { Immediate, Late };
void setStreamTiming(StreamTiming timing);

struct DeviceSettings {
    std::string name = "Emulated GPU";
    int major = 8;  // compute capability
    int minor = 9;
    int nMultiprocessors = 4;
    std::size_t memoryBytes = std::size_t{1} << 30;
    std::size_t memoryUsedByOthers = 0;
    std::size_t sharedBytesOptin = 99 * 1024;  // most dynamic shared memory of a block
    std::size_t l2Bytes = 4u << 20;
};
// What every test begins with: the above, with as many multiprocessors as the environment variable
// SOTTO_SIMT_SMS says, where it is set. With 128 of them what is planned by their number is planned
// as on a large card.
DeviceSettings defaultDevice();
// Replaces the list of devices, before anything is allocated; empty: cudaErrorNoDevice.
void setDevices(std::vector<DeviceSettings> devices);
// Bytes of device memory allocated now, each allocation in whole pages of 2 MiB, and the most at
// once since reset().
std::size_t allocatedBytes(int device = 0);
std::size_t peakAllocatedBytes(int device = 0);

// 1000 * major + 10 * minor. A driver older than the runtime makes every call fail with
// cudaErrorInsufficientDriver; 0 means that there is no driver.
void setVersions(int driver, int runtime);

// The n-th next call (1: the next) of the API function of this name returns `error` and does
// nothing (cudaStreamEndCapture still ends the capture); a kernel launch's name is
// "cudaLaunchKernel". A sticky error is returned by every call after it too that a thread makes
// while this card is its own, as after a fault on a device; it may choose another.
void injectFailure(const std::string& function, int nth, cudaError_t error, bool isSticky = false);

// How often an API function has been called since reset().
int callCount(const std::string& function);

// Kernels that ran since reset(); those of a replayed graph count each time.
std::uint64_t kernelsRun();

// The most shared memory that a block of a kernel had since reset(), in bytes. Kernels that never
// ran have no entry.
struct SharedMemoryUse {
    std::string launcher;  // the function that launches it, with its template arguments
    std::size_t dynamicBytes = 0;
    std::size_t staticBytes = 0;
    bool hasOptIn = false;  // more dynamic memory than comes unasked was asked for
};
std::vector<SharedMemoryUse> sharedMemoryUse();

// Addresses that kernels asked L2 for, since reset().
std::uint64_t prefetches();

// Waits for events that keep a core of the processor at work, since reset().
std::uint64_t spinningWaits();

// Allocations, streams, events and graphs that were made and not yet given back, by kind; empty
// when nothing is left.
std::string leaks();

}  // namespace simt
