// The files of an installed model: which ones they are, whose folder they lie in, how they go to
// the system's bin, and whether they are still what they were.
//
// Plain functions that read and move files; all but modelFilesOf() are run on a worker thread.
#pragma once

#include <QString>
#include <QStringList>
#include <functional>
#include <vector>

#include "app/core/jobs/job_context.h"
#include "app/core/model_places.h"
#include "base/result.h"

namespace sotto::app {

// All parts of a split model that are there; of a link the file that it leads to as well.
QStringList modelFilesOf(const QString& path);

// The program whose folder the file lies in; empty: none that is known.
QString programOf(const QString& path, const std::vector<ModelPlace>& places);

// Moves a file to the system's bin.
using TrashMover = std::function<bool(const QString& path)>;

// Bytes that become free. Errors: ReadOnly (names the file that the system would not move).
Result<qint64> moveToBin(const QStringList& files, const TrashMover& move);

// SHA-256 of each file, in hexadecimal. Errors: FileUnreadable, Cancelled.
Result<QStringList> hashFiles(const QStringList& files, JobContext& context);

}  // namespace sotto::app
