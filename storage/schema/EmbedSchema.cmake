# Writes the SQL files of a folder (NNNN_name.sql) as one C++ source, so that the program carries its schema:
# embed_schema(OUTPUT FOLDER HEADER FUNCTION). HEADER declares FUNCTION, which gives the steps in order.
# At configure time; editing or adding a file configures again.
function(embed_schema output folder header function)
    file(GLOB steps CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/[0-9]*.sql)
    list(SORT steps)
    list(LENGTH steps nSteps)
    set(rows "")
    foreach(step ${steps})
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${step})
        get_filename_component(name ${step} NAME_WE)
        string(REGEX MATCH "^[0-9]+" digits ${name})
        math(EXPR version "${digits} + 0" OUTPUT_FORMAT DECIMAL)
        file(READ ${step} sql)
        string(APPEND rows "    {${version}, \"${name}\", R\"schema(${sql})schema\"},\n")
    endforeach()
    set(source "// Generated from ${folder}/*.sql; do not edit.\n#include \"${header}\"\n\n")
    string(APPEND source "namespace sotto::storage {\n\nstd::span<const Migration> ${function}() {\n")
    string(APPEND source "    static constexpr Migration kMigrations[${nSteps}] = {\n${rows}    };\n")
    string(APPEND source "    return kMigrations;\n}\n\n}  // namespace sotto::storage\n")
    # Only when it changed, so that a new configure compiles nothing again.
    file(CONFIGURE OUTPUT ${output} CONTENT "${source}" @ONLY)
endfunction()
