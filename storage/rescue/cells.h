// Rows out of single pages of a b-tree, whatever became of the pages above them.
//
// Source: https://www.sqlite.org/fileformat2.html, sections 1.6 (b-tree pages), 2.1 (records).
// Every count and offset is checked: a page may hold anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "storage/rescue/page_file.h"

namespace sotto::storage {

// One column. What lay beyond the readable part of a row has kind Missing.
struct CellValue {
    enum class Kind : std::uint8_t { Null, Integer, Real, Text, Blob, Missing };
    Kind kind = Kind::Null;
    std::int64_t integer = 0;
    std::string text;             // Text only; ends where it stops being UTF-8
    std::size_t fullBytes = 0;    // Text only: that there were
    std::vector<std::byte> blob;  // Blob only; none of one that is cut

    bool isCut() const { return isText() && text.size() < fullBytes; }

    bool isInteger() const { return kind == Kind::Integer; }
    bool isText() const { return kind == Kind::Text; }
};

struct CellRow {
    std::int64_t rowId = 0;  // 0: a row of an index or of a table without row ids
    std::vector<CellValue> values;
    bool isShortened = false;          // a part could not be read
    std::vector<PageNumber> overflow;  // the pages beside its own that it was read from
    PageNumber brokenOverflow = 0;     // where its chain ended early
};

enum class PageKind : std::uint8_t { Unknown, TableInterior, TableLeaf, IndexInterior, IndexLeaf };

struct PageRows {
    PageKind kind = PageKind::Unknown;
    bool isWhole = true;  // every cell made sense
    std::vector<CellRow> rows;
};

// The rows that stand on this page, as far as they can be read.
PageRows readRows(PageFile& file, PageNumber page);

}  // namespace sotto::storage
