// FailingDisk: the system's disk with an end: so many bytes, and then it is full.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "net/download/download_disk.h"

namespace sotto::test {

class FailingDisk final : public net::DownloadDisk {
public:
    // What may still be written, all parts together; a write that does not fit writes half of
    // itself, as real ones do.
    std::atomic<std::uint64_t> nRoomBytes{UINT64_MAX};
    // What it says is free.
    std::atomic<std::uint64_t> nFreeBytes{UINT64_MAX};
    // Sees each read of a part first, on the thread that reads; may be empty. Set while nothing
    // runs.
    std::function<Status(std::uint64_t offset)> onRead;

    Result<std::unique_ptr<net::PartFile>> openPart(const std::filesystem::path& path) override {
        auto part = m_disk.openPart(path);
        if (!part) return fail(part.error());
        return std::make_unique<Part>(*this, std::move(*part));
    }
    Result<std::uint64_t> freeBytes(const std::filesystem::path&) override {
        return nFreeBytes.load();
    }
    Status rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
        return m_disk.rename(from, to);
    }

private:
    class Part final : public net::PartFile {
    public:
        Part(FailingDisk& disk, std::unique_ptr<net::PartFile> part)
            : m_disk(disk), m_part(std::move(part)) {}

        Result<std::uint64_t> size() override { return m_part->size(); }
        Status truncate(std::uint64_t nBytes) override { return m_part->truncate(nBytes); }
        Status append(std::span<const std::byte> bytes) override {
            if (bytes.size() > m_disk.nRoomBytes.load()) {
                SOTTO_TRY(m_part->append(bytes.first(bytes.size() / 2)));
                return fail(ErrorCode::DiskFull, "The disk is full.");
            }
            if (m_disk.nRoomBytes.load() != UINT64_MAX) m_disk.nRoomBytes -= bytes.size();
            return m_part->append(bytes);
        }
        Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> bytes) override {
            if (m_disk.onRead) SOTTO_TRY(m_disk.onRead(offset));
            return m_part->read(offset, bytes);
        }
        Status sync() override { return m_part->sync(); }

    private:
        FailingDisk& m_disk;
        std::unique_ptr<net::PartFile> m_part;
    };

    net::SystemDisk m_disk;
};

}  // namespace sotto::test
