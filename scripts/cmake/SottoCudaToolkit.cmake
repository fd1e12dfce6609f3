# Which CUDA toolkit builds the kernels, and for which cards. Pure, so that tests can ask it in script mode.

# sotto_cuda_toolkit_folders(OUT): where toolkits lie, in the order in which they are taken. A program needs the driver
# of its toolkit's major version, and ours of one that unpacks its code: 550 for 12, 580 for 13 (cuda_device.cpp). So 12.8
# and 12.9, the oldest that know Blackwell, come before any other, and what is on PATH after these.
function(sotto_cuda_toolkit_folders out)
    set(${out} ENV CUDA_PATH_V12_8 /usr/local/cuda-12.8 ENV CUDA_PATH_V12_9 /usr/local/cuda-12.9
        ENV CUDA_PATH /usr/local/cuda PARENT_SCOPE)
endfunction()

# sotto_cuda_architectures(VERSION OUT): Turing to Blackwell, as far as that toolkit knows them: machine code for each,
# and PTX of the newest for cards that come later; that of 90 serves 100 and 103 where there is no code for these,
# which PTX of 120 does not.
function(sotto_cuda_architectures version out)
    set(architectures 75-real 80-real 86-real 89-real 90)
    if(version VERSION_GREATER_EQUAL 12.8)
        list(APPEND architectures 100-real)
        if(version VERSION_GREATER_EQUAL 12.9)
            list(APPEND architectures 103-real)
        endif()
        list(APPEND architectures 120)
    endif()
    set(${out} "${architectures}" PARENT_SCOPE)
endfunction()
