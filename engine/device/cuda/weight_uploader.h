// WeightUploader: carries matrices from the mapped file to the card, piece by piece, while the card
// repacks the pieces before.
//
// Flow: the loader calls upload() once per matrix; worker threads copy a piece from the mapping
// into page-locked memory (this is where the disk is read), an asynchronous copy brings it to the
// card, and the caller queues the repack kernel on the same stream. Each of the slots has its own
// stream, page-locked and device memory, so that disk, bus and kernels work at the same time.
// Owns its memory, which is given back with it; the source must outlive upload()'s return, not
// more. Engine thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "engine/device/cpu/thread_pool.h"
#include "engine/device/cuda/cuda_handles.h"

namespace sotto::cuda {

struct WeightUploaderOptions {
    // At 25 GB/s (PCIe 4.0 x16) a slot is under way for about a millisecond: long against the cost
    // of a call, short against a person's cancel.
    std::size_t slotBytes = std::size_t{32} << 20;
    // One being filled, one being copied, one being repacked.
    int nSlots = 3;
    // Threads that fill; one alone reads about 10 GB/s from the page cache. 0: one per physical
    // core, at most 8.
    int nThreads = 0;
};

// A matrix as it lies in the file.
struct UploadMatrix {
    const std::byte* source = nullptr;  // nRows * rowBytes, mapped
    std::int64_t nRows = 0;
    std::size_t rowBytes = 0;
    // Pieces begin at multiples of this (the rows of one packed panel).
    std::int64_t panelRows = 32;
};

// On the device, on its way: valid for work that is queued on `stream` during the call.
struct UploadedPiece {
    const std::byte* data = nullptr;  // [nRows, rowBytes], aligned to 256 bytes
    std::int64_t firstRow = 0;
    std::int64_t nRows = 0;
    const Stream* stream = nullptr;
};

// Queues what is to be done with the piece; an error ends the upload.
using PieceSink = std::function<Status(const UploadedPiece& piece)>;
// Called after each piece with its bytes; returns false to cancel.
using UploadProgress = std::function<bool(std::size_t bytes)>;

class WeightUploader {
public:
    // Errors: OutOfMemory (device memory; page-locked memory after trying with smaller slots).
    static Result<WeightUploader> create(const WeightUploaderOptions& options);
    WeightUploader(WeightUploader&& other) noexcept = default;
    WeightUploader& operator=(WeightUploader&& other) noexcept = delete;
    ~WeightUploader();

    std::size_t slotBytes() const { return m_slotBytes; }

    // Returns when the last piece is queued, not when it is done. Grows the slots when one panel
    // needs more. Errors: Cancelled, the sink's, the device's, OutOfMemory; all work is then done
    // or will never be: the memory may be released.
    Status upload(const UploadMatrix& matrix, const PieceSink& onPiece,
                  const UploadProgress& onProgress);
    // Waits until everything queued has arrived and is repacked.
    Status finish();

private:
    struct Slot {
        Stream stream;
        Event copied;  // the page-locked memory may be written again
        PinnedBuffer pinned;
        DeviceBuffer staging;
    };

    WeightUploader() = default;
    Status allocateSlots(std::size_t bytes);
    Status queuePieces(const UploadMatrix& matrix, const PieceSink& onPiece,
                       const UploadProgress& onProgress);
    Status sendPiece(Slot& slot, const std::byte* source, std::size_t bytes);
    void fill(std::byte* target, const std::byte* source, std::size_t bytes);

    std::vector<Slot> m_slots;
    std::size_t m_nextSlot = 0;
    std::size_t m_slotBytes = 0;
    std::unique_ptr<ThreadPool> m_threads;
};

}  // namespace sotto::cuda
