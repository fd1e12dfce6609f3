// StoredDownloads: the list of downloads in the library, so that they go on after quitting, a kill
// and a power cut.
//
// Place: between net's queue and the storage, which do not know each other. Borrows the Storage,
// which must outlive it. Thread rule: DownloadStore's; each call waits for the storage thread,
// never made on that thread itself.
#pragma once

#include <vector>

#include "net/api/download_store.h"
#include "storage/api/download_record.h"
#include "storage/api/storage.h"

namespace sotto::app {

// One as the library has it, and back. A state that this version does not know is Interrupted.
storage::DownloadRecord storedDownload(const net::DownloadRecord& record);
net::DownloadRecord downloadOf(const storage::DownloadRecord& stored);

class StoredDownloads final : public net::DownloadStore {
public:
    explicit StoredDownloads(storage::Storage& storage) : m_storage(storage) {}

    // Errors of all: the database's, Closed.
    Result<std::vector<net::DownloadRecord>> load() override;
    Status save(const net::DownloadRecord& record) override;
    Status saveAll(std::span<const net::DownloadRecord> records) override;
    Status remove(net::DownloadId id) override;

private:
    storage::Storage& m_storage;
};

}  // namespace sotto::app
