@echo off
rem Written by `cargo svc generate` from [package.metadata.service] in Cargo.toml: change it there.
rem Removes beacon. See uninstall.cmd /help.
setlocal EnableExtensions DisableDelayedExpansion
set "SELF=uninstall.cmd"
for %%V in (QUIET DRY PURGE INSTALL_DIR OLD_CP WHAT REVERSED) do set "%%V="
set "CODE=0"
set "SC=%SystemRoot%\System32\sc.exe"
set "REG=%SystemRoot%\System32\reg.exe"
set "NETSH=%SystemRoot%\System32\netsh.exe"
set "PROGRAM_DATA=%ProgramData%"
set "ENTRY=HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\beacon"
set "SERVICES=HKLM\SYSTEM\CurrentControlSet\Services"

:options
if "%~1"=="" goto :options_read
if /i "%~1"=="/help" goto :help
if "%~1"=="/?" goto :help
if /i "%~1"=="/quiet" set "QUIET=1"& shift& goto :options
if /i "%~1"=="/dry-run" set "DRY=1"& shift& goto :options
if /i "%~1"=="/purge" set "PURGE=1"& shift& goto :options
>&2 echo %SELF%: "%~1" is no option. See %SELF% /help.
exit /b 2

:help
echo Removes beacon and its services. Run it as administrator.
echo.
echo   %SELF% [/purge] [/dry-run] [/quiet]
echo.
echo   /purge    also removes the services' folders, what configures them, and everything else in the install folder
echo   /dry-run  says what would be done
echo   /quiet    says nothing but errors
echo.
echo Exit codes:
echo   0  nothing of it is left but data
echo   1  a step failed; run it again
echo   2  the command line is at fault
echo   3  not run as administrator
echo   5  run from the command prompt of another kind of machine
echo   6  the entry in Add/Remove Programs belongs to something else
echo   7  a service did not stop in its time; nothing was removed
echo   9  a service is marked for deletion and goes when the programs that look at it are closed
echo  10  this command interpreter does not read UTF-8: use uninstall.ps1
echo  11  another run is under way
exit /b 0

rem ---- shared by install.cmd and uninstall.cmd

:prepare
rem A 32-bit interpreter on a 64-bit Windows sees another registry and another System32.
if defined PROCESSOR_ARCHITEW6432 >&2 echo %SELF%: run it from the 64-bit command prompt.
if defined PROCESSOR_ARCHITEW6432 set "CODE=5"
if defined PROCESSOR_ARCHITEW6432 exit /b 5
rem An administrator's processes carry the label "high" or "system", whatever language Windows speaks. An interpreter without
rem labels (Wine's) has no unprivileged users either.
set "WHOAMI=%SystemRoot%\System32\whoami.exe"
"%WHOAMI%" /groups /fo csv /nh 2>nul | "%SystemRoot%\System32\findstr.exe" /c:"S-1-16-" >nul
if errorlevel 1 goto :elevated
"%WHOAMI%" /groups /fo csv /nh 2>nul | "%SystemRoot%\System32\findstr.exe" /c:"S-1-16-12288" /c:"S-1-16-16384" >nul
if not errorlevel 1 goto :elevated
>&2 echo %SELF%: run it as administrator.
set "CODE=3"
exit /b 3
:elevated
rem This file, and what is read from the registry, are UTF-8 from here on; the console gets its code page back at the end.
for /f "tokens=2 delims=:." %%A in ('%SystemRoot%\System32\chcp.com') do set "OLD_CP=%%A"
for /f "tokens=1" %%A in ("%OLD_CP%") do set "OLD_CP=%%A"
if "%OLD_CP%"=="0" set "OLD_CP="
"%SystemRoot%\System32\chcp.com" 65001 >nul 2>&1
exit /b 0

:run_alone
rem Two runs at a time would undo each other. Only administrators can write where the lock is, so nobody else can hold it, and
rem it goes with the run, however that ends: it is a handle of this interpreter. What is said meanwhile goes to the standard
rem error output, since an interpreter that knows no handle 9 (Wine's) takes the standard output for it.
set "LOCK=%ProgramFiles%\.beacon.svc-lock"
set "LOCKED="
set "LEFT_LOCK="
call :locked 9>"%LOCK%"
set "CODE=%errorlevel%"
if not defined LOCKED >&2 echo %SELF%: another run for beacon is under way, or "%LOCK%" cannot be written.
if not defined LOCKED exit /b 11
if defined LEFT_LOCK del /f /q "%LOCK%" >nul 2>&1
exit /b %CODE%

:locked
set "LOCKED=1"
call :run
set "CODE=%errorlevel%"
rem While it is held, so that it is not the next run's that goes. Where a file in use stays, the next run's stays as well.
for /f "delims=" %%D in ('del /f /q "%LOCK%" 2^>^&1') do set "LEFT_LOCK=1"
exit /b %CODE%

:read
rem %1: key; %2: value. VALUE becomes its data, which may hold quotes: a FOR variable is not read again.
call :read_into VALUE %1 %2
exit /b 0

:read_into
rem %1: variable; %2: key; %3: value.
set "%1="
for /f "tokens=1,2,*" %%A in ('%REG% query %2 /v %3 2^>nul') do if /i "%%A"=="%3" set "%1=%%C"
exit /b 0

:read_entry
for %%V in (RECORDED_BY RECORDED_DIR RECORDED_SERVICES RECORDED_RUNNING RECORDED_FOLDERS RECORDED_PARENTS KEPT_DIR CUT_SHORT) do set "%%V="
"%REG%" query "%ENTRY%" >nul 2>&1
if errorlevel 1 exit /b 0
call :read %ENTRY% SvcInstaller
set "RECORDED_BY=%VALUE%"
call :read %ENTRY% InstallLocation
set "RECORDED_DIR=%VALUE%"
call :read %ENTRY% SvcServices
set "RECORDED_SERVICES=%VALUE%"
if defined VALUE set "RECORDED_SERVICES=%VALUE:/= %"
rem Only a run that was killed leaves this: what it had found running, and may have stopped.
call :read %ENTRY% SvcRunning
if defined VALUE set "RECORDED_RUNNING=%VALUE:/= %"
rem The folders that installations made: those of services, and those that lead to them. Bars separate them.
call :read_into RECORDED_FOLDERS %ENTRY% SvcFolders
call :read_into RECORDED_PARENTS %ENTRY% SvcParents
call :read %ENTRY% SvcKept
if defined VALUE set "KEPT_DIR=%RECORDED_DIR%"
if "%RECORDED_BY%"=="script" if defined RECORDED_DIR exit /b 0
rem A run that was killed while it wrote the first lines of its entry had made nothing else yet.
if "%RECORDED_BY%"=="script" set "CUT_SHORT=1"
if not defined RECORDED_BY call :is_empty_entry
if defined CUT_SHORT set "RECORDED_SERVICES="
if defined CUT_SHORT exit /b 0
>&2 echo %SELF%: another kind of installer owns beacon in Add/Remove Programs: remove it there first.
exit /b 6

:is_empty_entry
set "CUT_SHORT=1"
for /f "delims=" %%A in ('%REG% query %ENTRY% 2^>nul') do set "LINE=%%A"& call :is_indented
exit /b 0

:is_indented
rem Below the line that names the key, values are indented.
if "%LINE:~0,1%"==" " set "CUT_SHORT="
exit /b 0

:mark_kept
rem What an uninstallation leaves that keeps the folder: by it an installation knows that nobody else made the folder. Without a
rem name, Add/Remove Programs does not show it.
"%REG%" delete "%ENTRY%" /f >nul 2>&1
"%REG%" add "%ENTRY%" /v SvcInstaller /t REG_SZ /d script /f >nul
if errorlevel 1 exit /b 1
"%REG%" add "%ENTRY%" /v InstallLocation /t REG_SZ /d "%KEPT_DIR%" /f >nul
if errorlevel 1 exit /b 1
if defined RECORDED_FOLDERS "%REG%" add "%ENTRY%" /v SvcFolders /t REG_SZ /d "%RECORDED_FOLDERS%" /f >nul
if defined RECORDED_FOLDERS if errorlevel 1 exit /b 1
if defined RECORDED_PARENTS "%REG%" add "%ENTRY%" /v SvcParents /t REG_SZ /d "%RECORDED_PARENTS%" /f >nul
if defined RECORDED_PARENTS if errorlevel 1 exit /b 1
"%REG%" add "%ENTRY%" /v SvcKept /t REG_DWORD /d 1 /f >nul
exit /b %errorlevel%

:is_listed
rem %1: a path; %2: the variable with the list. Errorlevel 0 if it is in it. No path holds a bar.
set "REST="
if defined %2 for /f "tokens=1,* delims==" %%A in ('set %2') do if /i "%%A"=="%2" set "REST=%%B"
:is_listed_next
if not defined REST exit /b 1
set "PIECE="
for /f "tokens=1,* delims=|" %%A in ("%REST%") do (set "PIECE=%%A"& set "REST=%%B")
if not defined PIECE exit /b 1
if /i "%PIECE%"=="%~1" exit /b 0
goto :is_listed_next

:is_link
rem %1: a path. Errorlevel 0 if it is a link to something else.
set "ATTRIBUTES="
for %%I in (%1) do set "ATTRIBUTES=%%~aI"
if not defined ATTRIBUTES exit /b 1
if "%ATTRIBUTES:l=%"=="%ATTRIBUTES%" exit /b 1
exit /b 0

:remove_rule
rem %1: name of a rule of the firewall.
"%NETSH%" advfirewall firewall delete rule "name=%~1" >nul 2>&1
exit /b 0

:refuse_link
rem A folder that leads elsewhere would put programs where others may write.
if not exist "%INSTALL_DIR%" exit /b 0
call :is_link "%INSTALL_DIR%"
if errorlevel 1 exit /b 0
>&2 echo %SELF%: "%INSTALL_DIR%" is a link to another folder: remove it.
exit /b 6

:state
rem %1: name. STATE becomes the number of its state (1: stopped, 4: running), EXIT its exit code, OWN_EXIT the program's.
rem Labels are translated: the values count by their order.
for %%V in (F1 F2 F3 F4 F5) do set "%%V="
for /f "tokens=1,* delims=:" %%A in ('%SC% query %1') do if not "%%B"=="" call :field "%%B"
for %%V in (STATE EXIT OWN_EXIT) do set "%%V="
for /f "tokens=1" %%A in ("%F3%") do set "STATE=%%A"
for /f "tokens=1" %%A in ("%F4%") do set "EXIT=%%A"
for /f "tokens=1" %%A in ("%F5%") do set "OWN_EXIT=%%A"
exit /b 0

:field
rem The first of F1 to F5 that is free; from the last to the first, so that one call sets one.
if defined F4 if not defined F5 set "F5=%~1"
if defined F3 if not defined F4 set "F4=%~1"
if defined F2 if not defined F3 set "F3=%~1"
if defined F1 if not defined F2 set "F2=%~1"
if not defined F1 set "F1=%~1"
exit /b 0

:stop
rem %1: name; %2: seconds, 0 for no limit. A service that is stopped, or is not there, is fine.
"%SC%" query %1 >nul 2>&1
if errorlevel 1 exit /b 0
set "TRIES=0"
:stop_again
call :state %1
if "%STATE%"=="1" exit /b 0
if "%TRIES%"=="0" if not defined QUIET >&2 echo %SELF%: stopping %1.
rem A service that is still starting takes no control: ask again until it does.
if not "%STATE%"=="3" "%SC%" stop %1 >nul 2>&1
call :state %1
if "%STATE%"=="1" exit /b 0
if not "%2"=="0" if %TRIES% geq %2 set "WHAT=stopping %1, which did not end within %2 s"
if not "%2"=="0" if %TRIES% geq %2 exit /b 7
"%SystemRoot%\System32\ping.exe" -n 2 127.0.0.1 >nul
set /a TRIES+=1
goto :stop_again

:stop_recorded
rem Stops all services of the installation, those first that others do not need. WHAT says what failed.
set "REVERSED="
for %%S in (%RECORDED_SERVICES%) do call :reverse %%S
rem All are asked before the first one is waited for: the manager stops nothing that a running service needs.
for %%S in (%REVERSED%) do "%SC%" stop %%S >nul 2>&1
for %%S in (%REVERSED%) do call :stop_one %%S
exit /b 0

:reverse
set "REVERSED=%1 %REVERSED%"
exit /b 0

:stop_one
rem What one failed to do is not overwritten by the next.
if defined WHAT exit /b 0
set "LIMIT=60"
if /i "%1"=="beacon" set "LIMIT=35"
call :stop %1 %LIMIT%
exit /b 0

:remove_service
rem %1: name. WHAT says what failed.
"%SC%" query %1 >nul 2>&1
if errorlevel 1 goto :remove_source
if not defined QUIET >&2 echo %SELF%: removing the service %1.
"%SC%" delete %1 >nul
if errorlevel 1 set "WHAT=removing the service %1"
:remove_source
"%REG%" query "%SERVICES%\EventLog\Application\%1" /v SvcInstaller >nul 2>&1
if errorlevel 1 exit /b 0
"%REG%" delete "%SERVICES%\EventLog\Application\%1" /f >nul 2>&1
exit /b 0

:options_read
call :prepare
if errorlevel 1 exit /b %CODE%
if defined DRY call :run
if not defined DRY call :run_alone
set "CODE=%errorlevel%"
if defined OLD_CP "%SystemRoot%\System32\chcp.com" %OLD_CP% >nul
if not "%CODE%"=="0" exit /b %CODE%
if defined DRY exit /b 0
if not defined INSTALL_DIR exit /b 0
rem The last step takes this file and its folder. A GOTO without a label ends a batch file, but not its line: nothing is read
rem from the file any more. An interpreter that goes on (Wine's) keeps the file open, and leaves the rest to another process.
cd /d "%SystemRoot%"
if defined LEFT goto :last_file
goto 2>nul & rd /s /q "%INSTALL_DIR%" 2>nul & "%SystemRoot%\System32\cmd.exe" /d /c exit 0
start "" /b "%SystemRoot%\System32\cmd.exe" /d /c ping -n 3 127.0.0.1 ^>nul ^& rd /s /q "%INSTALL_DIR%"
exit /b 0
:last_file
goto 2>nul & del /f /q "%INSTALL_DIR%\uninstall.cmd" 2>nul & "%SystemRoot%\System32\cmd.exe" /d /c exit 0
start "" /b "%SystemRoot%\System32\cmd.exe" /d /c ping -n 3 127.0.0.1 ^>nul ^& del /f /q "%INSTALL_DIR%\uninstall.cmd"
exit /b 0

:run
call :read_entry
if errorlevel 1 exit /b %errorlevel%
set "INSTALL_DIR=%RECORDED_DIR%"
if defined CUT_SHORT if not defined DRY "%REG%" delete "%ENTRY%" /f >nul
if not defined INSTALL_DIR if not defined QUIET >&2 echo %SELF%: beacon is not installed.
if not defined INSTALL_DIR exit /b 0
call :find_data
if defined KEPT_DIR if not exist "%KEPT_DIR%" if not defined DATA_LEFT set "PURGE=1"
if defined KEPT_DIR if not defined PURGE set "INSTALL_DIR="
if not defined INSTALL_DIR if not defined QUIET >&2 echo %SELF%: beacon is not installed. What its uninstallation kept, /purge removes.
if not defined INSTALL_DIR exit /b 0
call :refuse_link
if errorlevel 1 exit /b %errorlevel%
for %%S in (%RECORDED_SERVICES%) do call :reverse %%S
if defined DRY goto :say_what_would_be
call :stop_recorded
if defined WHAT for /f "delims=" %%W in ("%WHAT%") do >&2 echo %SELF%: failed: %%W.
if defined WHAT exit /b 7
for %%S in (%REVERSED%) do call :remove_service %%S
if defined WHAT for /f "delims=" %%W in ("%WHAT%") do >&2 echo %SELF%: failed: %%W.
if defined WHAT exit /b 1
for %%S in (%REVERSED%) do call :wait_gone %%S
if defined WHAT for /f "delims=" %%W in ("%WHAT%") do >&2 echo %SELF%: %%W.
if defined WHAT exit /b 9
if exist "%INSTALL_DIR%\receipt.txt" for /f "usebackq tokens=1,* delims==" %%A in ("%INSTALL_DIR%\receipt.txt") do if "%%A"=="installed" call :remove_file "%%B"
if exist "%INSTALL_DIR%\receipt.txt" for /f "usebackq tokens=1,* delims==" %%A in ("%INSTALL_DIR%\receipt.txt") do if "%%A"=="placed" if exist "%%B" del /f /q "%%B"
if exist "%INSTALL_DIR%\receipt.txt" for /f "usebackq tokens=1,* delims==" %%A in ("%INSTALL_DIR%\receipt.txt") do if "%%A"=="firewall" call :remove_rule "%%B"
call :remove_file beacon.exe
call :remove_file uninstall.cmd
call :remove_file uninstall.ps1
if exist "%INSTALL_DIR%\receipt.txt" for /f "usebackq tokens=1,* delims==" %%A in ("%INSTALL_DIR%\receipt.txt") do if "%%A"=="subfolder" rd "%%B" 2>nul
if exist "%INSTALL_DIR%\rollback" rd /s /q "%INSTALL_DIR%\rollback"
if exist "%INSTALL_DIR%\receipt.txt" del /f /q "%INSTALL_DIR%\receipt.txt"
if defined WHAT for /f "delims=" %%W in ("%WHAT%") do >&2 echo %SELF%: failed: %%W.
if defined WHAT exit /b 1
if defined PURGE if exist "%INSTALL_DIR%" call :purge
if defined PURGE call :purge_data
call :find_data
if defined DATA_LEFT if defined PURGE >&2 echo %SELF%: failed: removing the services' folders.
if defined DATA_LEFT if defined PURGE exit /b 1
rem What is left besides this script is not the installer's.
set "LEFT="
if exist "%INSTALL_DIR%" for /f "eol=| delims=" %%F in ('dir /b /a "%INSTALL_DIR%"') do if /i not "%%F"=="uninstall.cmd" set "LEFT=1"
if defined LEFT if defined PURGE >&2 echo %SELF%: failed: removing everything in "%INSTALL_DIR%".
if defined LEFT if defined PURGE exit /b 1
set "KEPT_DIR=%INSTALL_DIR%"
set "KEEP=%LEFT%%DATA_LEFT%"
if defined KEEP call :mark_kept
if not defined KEEP "%REG%" delete "%ENTRY%" /f >nul
if errorlevel 1 >&2 echo %SELF%: failed: removing the entry in Add/Remove Programs.
if errorlevel 1 exit /b 1
if not defined QUIET >&2 echo %SELF%: beacon is removed.
if defined LEFT if not defined QUIET >&2 echo %SELF%: "%INSTALL_DIR%" holds other files and was kept; /purge removes it.
if defined DATA_LEFT if not defined QUIET >&2 echo %SELF%: the services' folders were kept; /purge removes them.
exit /b 0

:find_data
rem DATA_LEFT: one of the services' folders is there.
set "DATA_LEFT="
if defined RECORDED_FOLDERS for %%F in ("%RECORDED_FOLDERS:|=" "%") do if exist %%F set "DATA_LEFT=1"
exit /b 0

:purge_data
rem A link among them goes, and what it leads to stays. Those that lead to the folders go if nothing else is in them.
if defined RECORDED_FOLDERS for %%F in ("%RECORDED_FOLDERS:|=" "%") do if exist %%F rd /s /q %%F
set "INNERMOST_FIRST="
if defined RECORDED_PARENTS for %%F in ("%RECORDED_PARENTS:|=" "%") do call :before %%F
if defined INNERMOST_FIRST for %%F in ("%INNERMOST_FIRST:|=" "%") do rd %%F 2>nul
exit /b 0

:before
if defined INNERMOST_FIRST set "INNERMOST_FIRST=|%INNERMOST_FIRST%"
set "INNERMOST_FIRST=%~1%INNERMOST_FIRST%"
exit /b 0

:say_what_would_be
for %%S in (%REVERSED%) do echo %SELF%: would stop and remove the service %%S.
echo %SELF%: would remove the programs in "%INSTALL_DIR%".
if defined PURGE echo %SELF%: would remove everything else in "%INSTALL_DIR%".
if defined PURGE if defined RECORDED_FOLDERS for %%F in ("%RECORDED_FOLDERS:|=" "%") do if exist %%F echo %SELF%: would remove %%F.
exit /b 0

:wait_gone
set "TRIES=0"
:wait_gone_again
"%SC%" query %1 >nul 2>&1
if errorlevel 1 exit /b 0
set /a TRIES+=1
if %TRIES% geq 10 set "WHAT=the service %1 is marked for deletion: close what looks at it, such as the Services console"
if %TRIES% geq 10 exit /b 0
"%SystemRoot%\System32\ping.exe" -n 2 127.0.0.1 >nul
goto :wait_gone_again

:remove_file
set "NAME=%~1"
rem This script goes last.
if /i "%NAME%"=="uninstall.cmd" exit /b 0
for %%E in (.new .old) do if exist "%INSTALL_DIR%\%NAME%%%E" del /f /q "%INSTALL_DIR%\%NAME%%%E"
if exist "%INSTALL_DIR%\%NAME%" del /f /q "%INSTALL_DIR%\%NAME%"
if exist "%INSTALL_DIR%\%NAME%" set "WHAT=removing the file %NAME%"
exit /b 0

:purge
rem All but this script, which is being read. No name holds a bar, and one that begins with a semicolon is no comment.
for /f "eol=| delims=" %%F in ('dir /b /ad "%INSTALL_DIR%" 2^>nul') do rd /s /q "%INSTALL_DIR%\%%F"
for /f "eol=| delims=" %%F in ('dir /b /a-d "%INSTALL_DIR%" 2^>nul') do if /i not "%%F"=="uninstall.cmd" del /f /q /a "%INSTALL_DIR%\%%F"
exit /b 0
