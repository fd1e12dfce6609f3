// PageFile: the pages of a SQLite file that SQLite itself may refuse to open, with what its journal
// (WAL) committed on top.
//
// Source: https://www.sqlite.org/fileformat2.html, sections 1.3 (header), 1.5 (free pages), 4
// (WAL). Reads with ordinary calls, not by mapping: a bad sector is an unreadable page, not a
// signal. Changes nothing. One thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <vector>

#include "base/result.h"

namespace sotto::storage {

using PageNumber = std::uint32_t;  // from 1; 0: none
using PageBytes = std::vector<std::uint8_t>;

class PageFile {
public:
    // Errors: NotFound, Io.
    static Result<PageFile> open(const std::filesystem::path& path);

    std::size_t pageSize() const { return m_pageSize; }
    std::size_t usableSize() const { return m_pageSize - m_nReserved; }
    PageNumber nPages() const { return m_nPages; }
    std::int64_t fileBytes() const { return m_fileBytes; }

    // Nothing when the page is out of range or the system cannot read it.
    PageBytes read(PageNumber page);
    // The pages that hold nothing any more: what was deleted stays deleted. As far as their list
    // can be read.
    std::vector<PageNumber> freePages();
    // SQLite keeps the page at this offset empty, for its locks.
    bool isLockPage(PageNumber page) const;

private:
    PageFile() = default;
    void readHeader();
    void readWal(const std::filesystem::path& path);

    std::ifstream m_file;
    std::ifstream m_wal;
    std::int64_t m_fileBytes = 0;
    std::size_t m_pageSize = 4096;
    std::size_t m_nReserved = 0;
    PageNumber m_nPages = 0;
    std::map<PageNumber, std::int64_t> m_walOffsets;  // of the last committed version of a page
};

// Big-endian, as everything in the file.
std::uint32_t readWord(const std::uint8_t* bytes, std::size_t nBytes = 4);

}  // namespace sotto::storage
