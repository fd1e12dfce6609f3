#include "storage/rescue/cells.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "storage/text_check.h"

namespace sotto::storage {
namespace {

constexpr std::size_t kMostColumns = 64;  // our tables have fewer

// A position in bytes that ends in failure, never outside of them.
class Cursor {
public:
    Cursor(const std::uint8_t* bytes, std::size_t size) : m_bytes(bytes), m_size(size) {}

    std::size_t at() const { return m_at; }
    std::size_t left() const { return m_size - m_at; }
    const std::uint8_t* here() const { return m_bytes + m_at; }
    bool skip(std::size_t nBytes) {
        if (nBytes > left()) return false;
        m_at += nBytes;
        return true;
    }
    std::optional<std::uint64_t> varint() {
        std::uint64_t value = 0;
        for (int count = 0; count < 9; ++count) {
            if (left() == 0) return std::nullopt;
            const std::uint8_t byte = m_bytes[m_at++];
            if (count == 8) return value << 8 | byte;
            value = value << 7 | (byte & 0x7fu);
            if (byte < 0x80) return value;
        }
        return value;
    }

private:
    const std::uint8_t* m_bytes;
    std::size_t m_size;
    std::size_t m_at = 0;
};

std::size_t sizeOfSerial(std::uint64_t serial) {
    constexpr std::size_t kSizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
    return serial < 12 ? kSizes[serial] : static_cast<std::size_t>((serial - 12) / 2);
}

CellValue valueOf(std::uint64_t serial, const std::uint8_t* bytes, std::size_t available) {
    CellValue value;
    const std::size_t size = sizeOfSerial(serial);
    if (serial >= 12) {
        value.kind = serial % 2 == 1 ? CellValue::Kind::Text : CellValue::Kind::Blob;
        if (!value.isText()) {
            if (size > available) return value;
            const auto* const begin = reinterpret_cast<const std::byte*>(bytes);
            value.blob.assign(begin, begin + size);
            return value;
        }
        value.fullBytes = size;
        const std::string_view text(reinterpret_cast<const char*>(bytes),
                                    std::min(size, available));
        // Our texts have no zeros: a page of them in the middle of a text ends it.
        value.text = text.substr(0, validTextSize(text, Zeros::End));
        return value;
    }
    if (size > available) {
        value.kind = CellValue::Kind::Missing;
        return value;
    }
    if (serial == 7) value.kind = CellValue::Kind::Real;
    if (serial == 0 || serial == 7 || serial > 9) return value;
    value.kind = CellValue::Kind::Integer;
    if (serial >= 8) {
        value.integer = static_cast<std::int64_t>(serial - 8);
        return value;
    }
    std::uint64_t bits = bytes[0] >= 0x80 ? ~std::uint64_t{0} : 0;
    for (std::size_t at = 0; at < size; ++at) bits = bits << 8 | bytes[at];
    value.integer = static_cast<std::int64_t>(bits);
    return value;
}

// False: not a record. A record of which the end is missing is one.
bool decodeRecord(const PageBytes& payload, std::size_t fullSize, CellRow& row) {
    Cursor header(payload.data(), payload.size());
    const auto headerSize = header.varint();
    if (!headerSize || *headerSize > payload.size() || *headerSize < header.at()) return false;
    std::vector<std::uint64_t> serials;
    std::size_t bodySize = 0;
    while (header.at() < *headerSize) {
        const auto serial = header.varint();
        if (!serial || *serial == 10 || *serial == 11 || serials.size() == kMostColumns) {
            return false;
        }
        serials.push_back(*serial);
        bodySize += sizeOfSerial(*serial);
        if (bodySize > fullSize) return false;
    }
    if (header.at() != *headerSize || *headerSize + bodySize != fullSize) return false;
    std::size_t at = static_cast<std::size_t>(*headerSize);
    for (const std::uint64_t serial : serials) {
        const std::size_t size = sizeOfSerial(serial);
        const std::size_t available = payload.size() - std::min(at, payload.size());
        row.values.push_back(
            valueOf(serial, payload.data() + (payload.size() - available), available));
        if (available < size || row.values.back().isCut()) row.isShortened = true;
        at += size;
    }
    return true;
}

// The part of a payload that stands on the page itself (section 1.6).
std::size_t localSize(std::size_t payload, std::size_t usable, bool isTable) {
    const std::size_t most = isTable ? usable - 35 : (usable - 12) * 64 / 255 - 23;
    if (payload <= most) return payload;
    const std::size_t least = (usable - 12) * 32 / 255 - 23;
    const std::size_t wanted = least + (payload - least) % (usable - 4);
    return wanted <= most ? wanted : least;
}

// A page whose link to the next one makes no sense is not part of the text.
void readOverflow(PageFile& file, PageNumber page, std::size_t nLeft, PageBytes& payload,
                  CellRow& row) {
    const std::size_t perPage = file.usableSize() - 4;
    std::set<PageNumber> visited;
    while (nLeft > 0) {
        const PageBytes bytes = visited.insert(page).second ? file.read(page) : PageBytes();
        const bool isLast = nLeft <= perPage;
        const PageNumber next = bytes.empty() ? 0 : readWord(bytes.data());
        if (bytes.empty() || (isLast ? next != 0 : next == 0 || next > file.nPages())) {
            row.brokenOverflow = page;
            return;
        }
        const std::size_t nHere = std::min(nLeft, perPage);
        payload.insert(payload.end(), bytes.begin() + 4,
                       bytes.begin() + 4 + static_cast<std::ptrdiff_t>(nHere));
        row.overflow.push_back(page);
        nLeft -= nHere;
        page = next;
    }
}

bool readCell(PageFile& file, const PageBytes& page, std::size_t offset, PageKind kind,
              CellRow& row) {
    const bool isTable = kind == PageKind::TableLeaf;
    Cursor cursor(page.data(), file.usableSize());
    if (!cursor.skip(offset)) return false;
    if (kind == PageKind::IndexInterior && !cursor.skip(4)) return false;
    const auto payloadSize = cursor.varint();
    const std::uint64_t most = std::uint64_t{file.nPages()} * file.pageSize();
    if (!payloadSize || *payloadSize == 0 || *payloadSize > most) return false;
    if (isTable) {
        const auto rowId = cursor.varint();
        if (!rowId) return false;
        row.rowId = static_cast<std::int64_t>(*rowId);
    }
    const auto size = static_cast<std::size_t>(*payloadSize);
    const std::size_t nLocal = localSize(size, file.usableSize(), isTable);
    if (cursor.left() < nLocal + (nLocal < size ? 4 : 0)) return false;
    PageBytes payload(cursor.here(), cursor.here() + nLocal);
    if (nLocal < size) {
        readOverflow(file, readWord(cursor.here() + nLocal), size - nLocal, payload, row);
    }
    return decodeRecord(payload, size, row);
}

PageKind kindOf(std::uint8_t flag) {
    switch (flag) {
        case 2: return PageKind::IndexInterior;
        case 5: return PageKind::TableInterior;
        case 10: return PageKind::IndexLeaf;
        case 13: return PageKind::TableLeaf;
        default: return PageKind::Unknown;
    }
}

}  // namespace

PageRows readRows(PageFile& file, PageNumber page) {
    PageRows result;
    const PageBytes bytes = file.read(page);
    if (bytes.empty()) return result;
    const std::size_t start = page == 1 ? 100 : 0;
    const PageKind kind = kindOf(bytes[start]);
    if (kind == PageKind::Unknown) return result;
    const bool isInterior = kind == PageKind::TableInterior || kind == PageKind::IndexInterior;
    const std::size_t pointers = start + (isInterior ? 12 : 8);
    const std::size_t nCells = readWord(&bytes[start + 3], 2);
    if (pointers + 2 * nCells > file.usableSize()) return result;
    result.kind = kind;
    for (std::size_t cell = 0; cell < nCells; ++cell) {
        const std::size_t offset = readWord(&bytes[pointers + 2 * cell], 2);
        if (kind == PageKind::TableInterior) {
            const bool isChild = offset + 5 <= file.usableSize() && offset >= pointers &&
                                 readWord(&bytes[offset]) - 1u < file.nPages();
            result.isWhole = result.isWhole && isChild;
            continue;
        }
        CellRow row;
        if (offset >= pointers && readCell(file, bytes, offset, kind, row)) {
            result.rows.push_back(std::move(row));
        } else {
            result.isWhole = false;
        }
    }
    return result;
}

}  // namespace sotto::storage
