#include "storage/rescue/page_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <system_error>

namespace sotto::storage {
namespace {

constexpr std::int64_t kLockByte = 0x40000000;
constexpr std::size_t kWalHeader = 32;
constexpr std::size_t kFrameHeader = 24;
constexpr std::uint32_t kWalMagic = 0x377f0682;  // its last bit: the checksums are big-endian

bool isPageSize(std::size_t size) {
    return size >= 512 && size <= 65536 && (size & (size - 1)) == 0;
}

bool readAt(std::ifstream& file, std::int64_t offset, std::uint8_t* bytes, std::size_t size) {
    file.clear();
    file.seekg(offset);
    file.read(reinterpret_cast<char*>(bytes), static_cast<std::streamsize>(size));
    return file.good();
}

// Two running sums over pairs of words.
class WalChecksum {
public:
    explicit WalChecksum(bool isBigEndian) : m_isBigEndian(isBigEndian) {}

    void add(const std::uint8_t* bytes, std::size_t size) {
        for (std::size_t at = 0; at + 8 <= size; at += 8) {
            m_first += word(bytes + at) + m_second;
            m_second += word(bytes + at + 4) + m_first;
        }
    }
    bool matches(const std::uint8_t* stored) const {
        return readWord(stored) == m_first && readWord(stored + 4) == m_second;
    }

private:
    std::uint32_t word(const std::uint8_t* bytes) const {
        if (m_isBigEndian) return readWord(bytes);
        const std::array<std::uint8_t, 4> swapped{bytes[3], bytes[2], bytes[1], bytes[0]};
        return readWord(swapped.data());
    }

    bool m_isBigEndian;
    std::uint32_t m_first = 0;
    std::uint32_t m_second = 0;
};

}  // namespace

std::uint32_t readWord(const std::uint8_t* bytes, std::size_t nBytes) {
    std::uint32_t word = 0;
    for (std::size_t at = 0; at < nBytes; ++at) word = word << 8 | bytes[at];
    return word;
}

Result<PageFile> PageFile::open(const std::filesystem::path& path) {
    PageFile file;
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error) {
        return fail(ErrorCode::NotFound, fmt::format("{} does not exist.", path.string()),
                    path.string());
    }
    file.m_file.open(path, std::ios::binary);
    if (!file.m_file) {
        return fail(
            ErrorCode::Io,
            fmt::format("{} cannot be read: check its permissions and the disk.", path.string()),
            path.string());
    }
    file.m_fileBytes = static_cast<std::int64_t>(size);
    file.readHeader();
    std::filesystem::path wal = path;
    wal += "-wal";
    file.readWal(wal);
    const auto nInFile = static_cast<PageNumber>((size + file.m_pageSize - 1) / file.m_pageSize);
    file.m_nPages = std::max(file.m_nPages, nInFile);
    return file;
}

// A header that makes no sense is left aside: 4096 is what Sotto's files have.
void PageFile::readHeader() {
    std::array<std::uint8_t, 100> header{};
    if (!readAt(m_file, 0, header.data(), header.size())) return;
    const std::size_t stored = readWord(&header[16], 2);
    const std::size_t pageSize = stored == 1 ? 65536 : stored;
    if (!isPageSize(pageSize) || std::string_view(reinterpret_cast<char*>(header.data()), 15) !=
                                     std::string_view("SQLite format 3")) {
        return;
    }
    m_pageSize = pageSize;
    if (header[20] <= pageSize - 480) m_nReserved = header[20];
}

// Frames count up to the last commit whose checksum, which runs over the whole journal, is right.
void PageFile::readWal(const std::filesystem::path& path) {
    m_wal.open(path, std::ios::binary);
    std::array<std::uint8_t, kWalHeader> header{};
    if (!m_wal || !readAt(m_wal, 0, header.data(), header.size())) return;
    const std::uint32_t magic = readWord(header.data());
    const std::size_t pageSize = readWord(&header[8]);
    if ((magic & ~1u) != kWalMagic || !isPageSize(pageSize)) return;
    WalChecksum checksum((magic & 1u) != 0);
    checksum.add(header.data(), 24);
    if (!checksum.matches(&header[24])) return;
    m_pageSize = pageSize;

    PageBytes frame(kFrameHeader + pageSize);
    std::map<PageNumber, std::int64_t> uncommitted;
    std::int64_t offset = kWalHeader;
    for (; readAt(m_wal, offset, frame.data(), frame.size());
         offset += static_cast<std::int64_t>(frame.size())) {
        const bool isOfThisJournal = std::equal(&frame[8], &frame[16], &header[16]);
        checksum.add(frame.data(), 8);
        checksum.add(&frame[kFrameHeader], pageSize);
        if (!isOfThisJournal || !checksum.matches(&frame[16])) break;
        uncommitted[readWord(frame.data())] = offset + static_cast<std::int64_t>(kFrameHeader);
        const PageNumber nPagesAfter = readWord(&frame[4]);
        if (nPagesAfter == 0) continue;
        m_nPages = nPagesAfter;
        for (const auto& [page, place] : uncommitted) m_walOffsets[page] = place;
        uncommitted.clear();
    }
    m_fileBytes += offset;
}

PageBytes PageFile::read(PageNumber page) {
    if (page == 0 || page > m_nPages) return {};
    PageBytes bytes(m_pageSize);
    const auto inWal = m_walOffsets.find(page);
    const bool isRead =
        inWal != m_walOffsets.end()
            ? readAt(m_wal, inWal->second, bytes.data(), bytes.size())
            : readAt(m_file, static_cast<std::int64_t>(page - 1) * std::int64_t(m_pageSize),
                     bytes.data(), bytes.size());
    if (!isRead) bytes.clear();
    return bytes;
}

std::vector<PageNumber> PageFile::freePages() {
    std::vector<PageNumber> pages;
    const PageBytes first = read(1);
    if (first.empty()) return pages;
    std::set<PageNumber> trunks;
    PageNumber trunk = readWord(&first[32]);
    while (trunk != 0 && trunk <= m_nPages && trunks.insert(trunk).second) {
        const PageBytes bytes = read(trunk);
        if (bytes.empty()) break;
        const std::size_t nLeaves = readWord(&bytes[4]);
        if (nLeaves > usableSize() / 4 - 2) break;
        pages.push_back(trunk);
        for (std::size_t leaf = 0; leaf < nLeaves; ++leaf) {
            pages.push_back(readWord(&bytes[8 + 4 * leaf]));
        }
        trunk = readWord(bytes.data());
    }
    return pages;
}

bool PageFile::isLockPage(PageNumber page) const {
    return page == kLockByte / static_cast<std::int64_t>(m_pageSize) + 1;
}

}  // namespace sotto::storage
