// What can be said of model files without loading them: found in folders, inspected one by one.
//
// Plain functions that read files; they are run on a worker thread. Errors become the entry's
// problem, never a missing row.
#pragma once

#include <QString>
#include <QStringList>
#include <vector>

#include "app/models/machine.h"
#include "app/models/model_list_model.h"
#include "engine/api/engine_options.h"

namespace sotto::app {

// GGUF files below the folders, first shards only, sorted; links are not followed and at most 4
// levels are read.
QStringList findModelFiles(const QStringList& folders);

// The dry run at `wanted` (its path is replaced): where the model would lie, and with which
// context.
ModelEntry inspectModelFile(const QString& path, const LoadOptions& wanted, const PlanSpace& space,
                            const MachineProbe& probe);

}  // namespace sotto::app
