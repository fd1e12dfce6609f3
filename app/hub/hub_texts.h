// HubTexts: what the Models page says of a hub's models, their files and downloads, in the language
// that is set: plain functions. Numbers as NumberFormat writes them. GUI thread only.
#pragma once

#include <QString>
#include <QVariantList>

#include "net/api/download_queue.h"
#include "net/api/hub_types.h"

namespace sotto::app {

class NumberFormat;

// "14.8B", "0.6B", "135M"; empty: not told.
QString parametersText(std::uint64_t nParameters, const NumberFormat& format);
// "Apache 2.0" of "apache-2.0"; as it is where the hub's word is no usual one.
QString licenceText(const std::string& licence);
// The engine's registry decides: empty: it runs here; else why not.
QString architectureProblem(const std::string& architecture);
// "Qwen3 4B Instruct" of "Qwen/Qwen3-4B-Instruct-GGUF", as the files themselves name models.
QString modelNameOf(const std::string& repository);

// Why a download did not begin, with how much is missing where the disk has no room.
QString downloadProblem(const Error& error, const NumberFormat& format);

// Whether files of a type may have so many bits for each weight. The hub tells parameters once per
// repository: where that holds several sizes, they are those of another file.
bool canTypeHave(const std::string& type, double bitsPerWeight);

QVariantList sortChoices();
QVariantList licenceChoices();
QVariantList sizeChoices();
QVariantList familyChoices();
QVariantList typeChoices();
// An access token may make it go well.
bool isOfTheToken(ErrorCode code);
QVariantList speedLimitChoices();  // values in bytes per second, 0: none

// "Paused", "Checking SHA-256", …; of what runs empty: the figures say it.
QString downloadStateText(net::DownloadState state, const Error& problem);

}  // namespace sotto::app
