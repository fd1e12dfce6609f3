# The CUDA compiler, where SOTTO_CUDA asks for it and a toolkit is there; SOTTO_HAS_NVCC says so. To be included in
# the top folder's CMakeLists.txt, because a language belongs to the whole project.

include(${CMAKE_CURRENT_LIST_DIR}/SottoCudaToolkit.cmake)

set(SOTTO_HAS_NVCC OFF)
if(SOTTO_CUDA)
    # Toolkits are often installed without being on PATH. CUDACXX names a compiler, not a folder.
    if(NOT "$ENV{CUDACXX}" STREQUAL "")
        set(SOTTO_NVCC "$ENV{CUDACXX}" CACHE FILEPATH "nvcc")
    endif()
    sotto_cuda_toolkit_folders(toolkits)
    find_program(SOTTO_NVCC nvcc HINTS ${toolkits} PATH_SUFFIXES bin)
    if(SOTTO_NVCC)
        if(NOT CMAKE_CUDA_COMPILER)
            set(CMAKE_CUDA_COMPILER ${SOTTO_NVCC} CACHE FILEPATH "nvcc")
        endif()
        if(NOT CMAKE_CUDA_HOST_COMPILER)
            set(CMAKE_CUDA_HOST_COMPILER ${CMAKE_CXX_COMPILER} CACHE FILEPATH "nvcc's host compiler")
        endif()
        if(NOT CMAKE_CUDA_ARCHITECTURES)
            execute_process(COMMAND ${CMAKE_CUDA_COMPILER} --version OUTPUT_VARIABLE version)
            string(REGEX MATCH "release ([0-9]+\\.[0-9]+)" _ "${version}")
            sotto_cuda_architectures("${CMAKE_MATCH_1}" architectures)
            set(CMAKE_CUDA_ARCHITECTURES "${architectures}" CACHE STRING "GPU architectures" FORCE)
        endif()
        enable_language(CUDA)
        # CMake 3.25 does not know that nvcc has C++20, which CUDA files inherit from CMAKE_CXX_STANDARD.
        set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
        if(CCACHE_PROGRAM)
            set(CMAKE_CUDA_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
        endif()
        find_package(CUDAToolkit REQUIRED)
        set(SOTTO_HAS_NVCC ON)
    else()
        message(STATUS "No CUDA toolkit found: the engine is built for the CPU only")
    endif()
endif()

# sotto_cuda_sources(TARGET SOURCES …): adds .cu files to a library of ours, which then links the static runtime, so
# that the program needs no CUDA library and starts without a driver. Only where SOTTO_HAS_NVCC is on.
function(sotto_cuda_sources target)
    # Apart from the target, because its warning flags are the host compiler's.
    add_library(${target}_cuda OBJECT ${ARGN})
    set_target_properties(${target}_cuda PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_include_directories(${target}_cuda PRIVATE ${CMAKE_SOURCE_DIR})
    # The machine code of all architectures is the larger part of the program: compressed to a quarter, where nvcc can.
    target_compile_options(${target}_cuda PRIVATE
        "$<$<VERSION_GREATER_EQUAL:${CMAKE_CUDA_COMPILER_VERSION},12.8>:--compress-mode=size>"
        "$<$<NOT:$<CONFIG:Release>>:-lineinfo>" "SHELL:-Xcompiler -Wall,-Wextra"
        "$<$<CONFIG:Release>:SHELL:-Xcompiler -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=>"
        "$<$<BOOL:${SOTTO_WARNINGS_AS_ERRORS}>:SHELL:--Werror all-warnings>")
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${target}_cuda>)
    target_link_libraries(${target} PUBLIC CUDA::cudart_static)
endfunction()
