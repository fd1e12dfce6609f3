// ComparisonExport: a run of the Compare page into a file or the clipboard.
//
// A part of CompareController; borrows the runner. What takes the disk is a job. GUI thread only.
#pragma once

#include <QImage>
#include <QObject>
#include <functional>
#include <string>

#include "app/core/compare/comparison_report.h"
#include "app/core/job_runner.h"

namespace sotto::app {

class ComparisonExport : public QObject {
    Q_OBJECT

public:
    explicit ComparisonExport(JobRunner& jobs, QObject* parent = nullptr);

    static void copyMarkdown(const ComparisonReport& report);
    // JSON where the name ends so, else Markdown.
    void saveTo(const QString& path, const ComparisonReport& report);
    void savePicture(const QString& path, const QImage& picture);  // PNG
    void tellNoPicture();                                          // failed()

signals:
    void written();
    void failed(const sotto::Error& error);

private:
    void write(const QString& path, std::function<Result<std::string>()> makeBytes);

    JobRunner& m_jobs;
};

}  // namespace sotto::app
