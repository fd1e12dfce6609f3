// MeasuredText: the text that models are measured on, before it is read: the built-in one, a file
// of the user's, or a conversation.
//
// Plain values; readMeasuredText() is called by a job.
#pragma once

#include <string>

#include "app/core/compare/text_losses.h"
#include "base/result.h"

namespace sotto::app {

// Of a file. No more than 65,536 tokens are read, less than a megabyte of any language; the rest is
// room for what compresses well.
inline constexpr std::uintmax_t kMostTextBytes = 4'000'000;

struct MeasuredText {
    LossSource source = LossSource::BuiltIn;
    std::string path;  // BuiltIn, File
    std::string text;  // Chat
    bool isPrivate = false;
};

// UTF-8 without a byte order mark. Errors: FileNotFound, FileUnreadable; InvalidArgument (too
// large, not UTF-8, nothing in it).
Result<std::string> readMeasuredText(const MeasuredText& wanted);

}  // namespace sotto::app
