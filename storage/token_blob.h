// TokenIds as the column `tokens` has them.
//
// The vocabulary's fingerprint (8 bytes, little-endian), then each id in LEB128: seven bits a byte,
// the lowest first, a set high bit says that more follow. Ids of today's vocabularies are below
// 2^18, and those of common pieces far below: about 2.2 bytes each where four would be half of what
// the text itself takes. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "storage/api/chat_record.h"

namespace sotto::storage {

std::vector<std::byte> tokenBlob(const TokenIds& tokens);  // nothing of no ids

// Nothing of bytes that tokenBlob() does not write: a damaged page must not cost the message.
TokenIds tokensOfBlob(std::span<const std::byte> bytes);

}  // namespace sotto::storage
