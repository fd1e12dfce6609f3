#include "app/compare/measured_text.h"

#include <QByteArrayView>
#include <filesystem>
#include <utility>

#include "base/text_file.h"

namespace sotto::app {
namespace {

bool isUtf8(const std::string& text) {
    return QByteArrayView(text.data(), static_cast<qsizetype>(text.size())).isValidUtf8() &&
           text.find('\0') == std::string::npos;
}

Result<std::string> readTextOf(const MeasuredText& wanted) {
    if (wanted.source == LossSource::Chat) return wanted.text;
    std::error_code status;
    const bool isThere = std::filesystem::is_regular_file(wanted.path, status);
    if (!isThere && wanted.source == LossSource::BuiltIn)
        return fail(ErrorCode::FileNotFound,
                    "The text that models are compared on cannot be read. Install Sotto again.",
                    wanted.path);
    if (!isThere)
        return fail(ErrorCode::FileNotFound,
                    "The text file is not there any more. Choose another one.", wanted.path);
    if (std::filesystem::file_size(wanted.path, status) > kMostTextBytes)
        return fail(ErrorCode::InvalidArgument,
                    "This file has more than 4 MB. Choose a shorter text: no more than its first "
                    "65,536 tokens are read.",
                    wanted.path);
    auto text = readTextFile(wanted.path, kMostTextBytes);
    if (!text)
        return fail(ErrorCode::FileUnreadable,
                    "The text file cannot be read. Check its permissions and the disk.",
                    wanted.path);
    return std::move(*text);
}

}  // namespace

Result<std::string> readMeasuredText(const MeasuredText& wanted) {
    SOTTO_ASSIGN(std::string text, readTextOf(wanted));
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    if (!isUtf8(text))
        return fail(ErrorCode::InvalidArgument,
                    "This file is no UTF-8 text. Save it as UTF-8, or choose another one.",
                    wanted.path);
    if (text.find_first_not_of(" \t\r\n") == std::string::npos)
        return fail(ErrorCode::InvalidArgument,
                    "There is nothing to read in this text. Choose another one.", wanted.path);
    return text;
}

}  // namespace sotto::app
